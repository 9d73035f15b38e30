//! The web thread: boards folded from news, and HTTP served from them.
//!
//! ```text
//! accept ──► room? ──► head, within ten seconds ──► router
//!              └── none: 503, and the end
//! ```

use std::{io, net::TcpListener, sync::Arc, time::Duration};

use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
    service::TowerToHyperService,
};
use tokio::{
    io::AsyncWriteExt as _,
    net::TcpStream,
    sync::{Semaphore, mpsc, oneshot},
    time::{sleep, timeout},
};

use crate::{
    api::{
        routes,
        web::{News, Web},
    },
    server::readers::REST,
};

/// How long requests in hand may go on after the last news.
const LAST_ANSWERS: Duration = Duration::from_secs(1);

/// How long a client may take to say what it wants, and may be silent between two requests.
/// Whoever dribbles its request holds a place that others need.
const HEAD: Duration = Duration::from_secs(10);

/// The longest head of a request.
const HEAD_MAX: usize = 32 << 10;

/// How long a listener rests that found no file descriptor left; as the sockets of SIP do.
const SHORT_OF_FILES: Duration = Duration::from_millis(200);

/// Folded at one go, so that requests get their turn in between.
const BURST: usize = 4_096;

/// What one gets who finds no room.
const NO_ROOM: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\n\
                         Connection: close\r\nContent-Length: 0\r\n\r\n";

/// Folds and serves until the last sender of news is gone.
pub(super) fn run(
    listener: TcpListener,
    web: &Web,
    connections_max: usize,
    news: mpsc::Receiver<News>,
) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::from_std(listener)?;
        let (close, closed) = oneshot::channel::<()>();
        let serving = tokio::spawn(serve(listener, routes::router(web), connections_max, closed));
        fold(web, news).await;
        web.close();
        let _ = close.send(());
        // A reader that does not leave by itself is cut off.
        let _ = timeout(LAST_ANSWERS, serving).await;
        Ok(())
    })
}

/// Serves until `closed`, then until the requests in hand are answered.
async fn serve(
    listener: tokio::net::TcpListener,
    router: axum::Router,
    connections_max: usize,
    mut closed: oneshot::Receiver<()>,
) {
    let room = Arc::new(Semaphore::new(connections_max));
    let graceful = GracefulShutdown::new();
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEAD).max_buf_size(HEAD_MAX);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = &mut closed => break,
        };
        let Ok((stream, _)) = accepted else {
            sleep(SHORT_OF_FILES).await;
            continue;
        };
        let Ok(place) = Arc::clone(&room).try_acquire_owned() else {
            tokio::spawn(turn_away(stream));
            continue;
        };
        let service = TowerToHyperService::new(router.clone());
        let connection = graceful.watch(http.serve_connection(TokioIo::new(stream), service));
        tokio::spawn(async move {
            // Whatever a client did to its connection is its own affair.
            let _ = connection.await;
            drop(place);
        });
    }
    drop(listener);
    graceful.shutdown().await;
}

/// Says that there is no room, and nothing more.
async fn turn_away(mut stream: TcpStream) {
    let _ = timeout(LAST_ANSWERS, stream.write_all(NO_ROOM)).await;
}

async fn fold(web: &Web, mut news: mpsc::Receiver<News>) {
    let mut burst = vec![];
    while news.recv_many(&mut burst, BURST).await > 0 {
        burst.drain(..).for_each(|piece| web.tell(piece));
        sleep(REST).await;
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncReadExt as _;

    use super::*;

    async fn says(stream: &mut TcpStream, text: &str) {
        stream.write_all(text.as_bytes()).await.unwrap();
    }

    async fn hears(stream: &mut TcpStream) -> String {
        let mut heard = String::new();
        let _ = stream.read_to_string(&mut heard).await;
        heard.lines().next().unwrap_or_default().to_owned()
    }

    /// The clock is the runtime's, and jumps where everyone only waits.
    #[tokio::test(start_paused = true)]
    async fn who_dribbles_is_let_go_and_who_finds_no_room_is_told_so() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = listener.local_addr().unwrap();
        let (close, closed) = oneshot::channel();
        let router = axum::Router::new().route("/", axum::routing::get(|| async { "here" }));
        let serving = tokio::spawn(serve(listener, router, 1, closed));

        let mut slow = TcpStream::connect(at).await.unwrap();
        says(&mut slow, "GET / HTTP/1.1\r\nHost: x\r\n").await;
        let mut second = TcpStream::connect(at).await.unwrap();
        assert_eq!(hears(&mut second).await, "HTTP/1.1 503 Service Unavailable");
        // Ten seconds later there is room again.
        let _ = hears(&mut slow).await;
        let mut third = TcpStream::connect(at).await.unwrap();
        says(&mut third, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await;
        assert_eq!(hears(&mut third).await, "HTTP/1.1 200 OK");
        let mut large = TcpStream::connect(at).await.unwrap();
        says(&mut large, &format!("GET / HTTP/1.1\r\nX: {}", "x".repeat(HEAD_MAX))).await;
        assert_eq!(hears(&mut large).await, "HTTP/1.1 431 Request Header Fields Too Large");
        close.send(()).unwrap();
        serving.await.unwrap();
    }
}
