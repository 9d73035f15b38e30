//! A bad wire: of the datagrams between two far sides some are lost, some come twice, some come late.
//!
//! ```text
//! client ──► inner ═══ lossy ═══ outer ──► server
//!        ◄──                           ◄──
//! ```

use std::{
    net::UdpSocket,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use lotse::base::rng::Rng;

/// Of a hundred datagrams, how many are lost, come twice, and come after the next one.
const LOST: u64 = 10;
const TWICE: u64 = 5;
const LATE: u64 = 10;

/// How long a late one is late at most.
const LATENESS: Duration = Duration::from_millis(20);

/// What happened to datagrams.
#[derive(Debug, Default)]
pub struct Counts {
    pub came: AtomicU64,
    pub lost: AtomicU64,
    pub twice: AtomicU64,
    pub late: AtomicU64,
}

/// The wire. It is cut when this is dropped.
pub struct Lossy {
    /// The port that the client speaks to.
    pub inner: u16,
    /// The port that the server sees.
    pub outer: u16,
    pub counts: Arc<Counts>,
    ends: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl Lossy {
    /// A wire between these ports of 127.0.0.1.
    pub fn between(client: u16, server: u16, seed: u64) -> Self {
        let socket = || UdpSocket::bind("127.0.0.1:0").unwrap();
        let (inner, outer) = (socket(), socket());
        let port = |socket: &UdpSocket| socket.local_addr().unwrap().port();
        let counts = Arc::new(Counts::default());
        let ends = Arc::new(AtomicBool::new(false));
        let way = |from: &UdpSocket, by: &UdpSocket, to: u16, seed: u64| {
            let (from, by) = (from.try_clone().unwrap(), by.try_clone().unwrap());
            let (counts, ends) = (Arc::clone(&counts), Arc::clone(&ends));
            thread::spawn(move || pass_on(&from, &by, to, &mut Rng::new(seed), &counts, &ends))
        };
        let threads =
            vec![way(&inner, &outer, server, seed), way(&outer, &inner, client, seed + 1)];
        let (inner, outer) = (port(&inner), port(&outer));
        Self { inner, outer, counts, ends, threads }
    }
}

impl Drop for Lossy {
    fn drop(&mut self) {
        self.ends.store(true, Relaxed);
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

fn pass_on(
    from: &UdpSocket,
    by: &UdpSocket,
    to: u16,
    rng: &mut Rng,
    counts: &Counts,
    ends: &AtomicBool,
) {
    from.set_read_timeout(Some(LATENESS)).unwrap();
    let send = |bytes: &[u8]| {
        // Nobody may be there (any more); a wire does not mind.
        let _ = by.send_to(bytes, ("127.0.0.1", to));
    };
    let mut late: Option<Vec<u8>> = None;
    let mut buffer = vec![0; 65_535];
    while !ends.load(Relaxed) {
        let came = from.recv(&mut buffer).ok().map(|length| &buffer[..length]);
        if let Some(bytes) = came {
            counts.came.fetch_add(1, Relaxed);
            let fate = rng.below(100);
            if fate < LOST {
                counts.lost.fetch_add(1, Relaxed);
            } else if fate < LOST + TWICE {
                counts.twice.fetch_add(1, Relaxed);
                send(bytes);
                send(bytes);
            } else if fate < LOST + TWICE + LATE && late.is_none() {
                counts.late.fetch_add(1, Relaxed);
                late = Some(bytes.to_vec());
                continue;
            } else {
                send(bytes);
            }
        }
        if let Some(bytes) = late.take() {
            send(&bytes);
        }
    }
}
