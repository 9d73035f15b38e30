//! A softphone that someone else wrote: baresip, without a head, with files as sound.
//!
//! Driven by `ctrl_tcp`: JSON in netstrings, commands there, answers and events back.

use std::{
    f64::consts::TAU,
    fs,
    io::{Read, Write},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use serde_json::{Value, json};

use super::{Program, World, free_port, until};

/// Samples a second, of what is spoken and heard.
const RATE: u32 = 8000;

/// A running softphone.
pub struct Baresip {
    pub program: Program,
    control: TcpStream,
    unread: Vec<u8>,
    folder: PathBuf,
}

/// Who a softphone is.
#[derive(Clone, Copy)]
pub struct Who<'a> {
    /// Its user name.
    pub user: &'a str,
    /// With a password it registers.
    pub password: Option<&'a str>,
    /// `udp`, `tcp` or `tls`.
    pub transport: &'a str,
    /// The pitch it speaks at, in hertz.
    pub pitch: u32,
}

impl Baresip {
    /// Starts one, for the server of `world`.
    pub fn start(world: &World, who: Who<'_>) -> Self {
        Self::start_with(world, who, "")
    }

    /// Starts one whose account has `more` parameters: `;mediaenc=srtp-mand`.
    pub fn start_with(world: &World, who: Who<'_>, more: &str) -> Self {
        let folder = world.folder.join(format!("baresip-{}", who.user));
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("tone.wav"), tone(who.pitch)).unwrap();
        let control = free_port();
        fs::write(folder.join("config"), config(&folder, control)).unwrap();
        let register = match who.password {
            Some(password) => format!("auth_pass={password};regint=60"),
            None => "regint=0".to_owned(),
        };
        let Who { user, transport, .. } = who;
        let server = if transport == "tls" { world.tls } else { world.sip };
        let account =
            format!("<sip:{user}@127.0.0.1:{server};transport={transport}>;{register}{more}\n");
        fs::write(folder.join("accounts"), account).unwrap();
        let log = fs::File::create(folder.join("log")).unwrap();
        let mut command = Command::new("baresip");
        command.arg("-f").arg(&folder).stdout(log).stderr(Stdio::null());
        let program = Program::start("baresip", &mut command);
        let mut stream = None;
        until("baresip takes commands", || {
            stream = TcpStream::connect(("127.0.0.1", control)).ok();
            stream.is_some()
        });
        let control = stream.unwrap();
        control.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
        Self { program, control, unread: vec![], folder }
    }

    /// Tells it to do something: `dial 1230`, `accept`, `hangup`.
    pub fn tell(&mut self, command: &str, params: &str) {
        let text = json!({"command": command, "params": params, "token": "test"}).to_string();
        write!(self.control, "{}:{text},", text.len()).unwrap();
    }

    /// Waits for an event of that type: `CALL_ESTABLISHED`.
    pub fn wait_for(&mut self, kind: &str) {
        until(kind, || {
            while let Some(said) = self.next() {
                if said.get("type").and_then(Value::as_str) == Some(kind) {
                    return true;
                }
            }
            false
        });
    }

    /// What it says next, if anything.
    fn next(&mut self) -> Option<Value> {
        let mut buffer = [0; 4096];
        if let Ok(came) = self.control.read(&mut buffer) {
            self.unread.extend(&buffer[..came]);
        }
        let colon = self.unread.iter().position(|&byte| byte == b':')?;
        let length: usize = std::str::from_utf8(&self.unread[..colon]).unwrap().parse().unwrap();
        let end = colon + 1 + length;
        if self.unread.len() <= end {
            return None;
        }
        let said = serde_json::from_slice(&self.unread[colon + 1..end]).unwrap();
        self.unread.drain(..=end);
        Some(said)
    }

    /// How many seconds of that pitch it has heard, and sound in all.
    pub fn heard(&self, pitch: u32) -> (f64, f64) {
        let files = fs::read_dir(&self.folder).unwrap().flatten().map(|entry| entry.path());
        let heard = files.filter(|path| {
            path.file_name().is_some_and(|name| name.to_string_lossy().ends_with("-dec.wav"))
        });
        let (mut right, mut all) = (0, 0);
        for path in heard {
            let samples = samples(&path);
            for frame in samples.chunks_exact(160) {
                all += 1;
                right += usize::from(share(frame, pitch) > 0.5);
            }
        }
        (f64::from(u32::try_from(right).unwrap()) / 50.0, f64::from(all) / 50.0)
    }
}

fn config(folder: &Path, control: u16) -> String {
    let folder = folder.display();
    let modules =
        ["g711", "aufile", "aubridge", "sndfile", "srtp"].map(|it| format!("module {it}.so\n"));
    format!(
        "net_interface 127.0.0.1\n\
         audio_player aubridge,nil\naudio_alert aubridge,nil\n\
         audio_source aufile,{folder}/tone.wav\n\
         ausrc_srate 8000\nauplay_srate 8000\nausrc_channels 1\nauplay_channels 1\n\
         snd_path {folder}\n\
         module_path /usr/lib/baresip/modules\n{}module_tmp account.so\n\
         module_app menu.so\nmodule_app ctrl_tcp.so\nctrl_tcp_listen 127.0.0.1:{control}\n",
        modules.concat()
    )
}

/// Half a minute of one tone, as WAV.
fn tone(pitch: u32) -> Vec<u8> {
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: RATE,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut file = std::io::Cursor::new(vec![]);
    let mut writer = hound::WavWriter::new(&mut file, spec).unwrap();
    for at in 0..30 * RATE {
        let wave = (TAU * f64::from(pitch) * f64::from(at) / f64::from(RATE)).sin();
        #[allow(clippy::cast_possible_truncation)]
        writer.write_sample((wave * 8000.0) as i16).unwrap();
    }
    writer.finalize().unwrap();
    file.into_inner()
}

/// The samples of a WAV file whose writer may not have finished its header.
fn samples(path: &Path) -> Vec<i16> {
    let bytes = fs::read(path).unwrap();
    let data = bytes.get(44..).unwrap_or_default();
    data.chunks_exact(2).map(|pair| i16::from_le_bytes([pair[0], pair[1]])).collect()
}

/// How much of the sound's power is at `pitch` (Goertzel): 1 for that tone alone.
fn share(frame: &[i16], pitch: u32) -> f64 {
    let turn = 2.0 * (TAU * f64::from(pitch) / f64::from(RATE)).cos();
    let (mut last, mut before, mut power) = (0.0, 0.0, 0.0);
    for &sample in frame {
        let sample = f64::from(sample);
        (last, before) = (sample + turn * last - before, last);
        power += sample * sample;
    }
    if power < 1.0 {
        return 0.0;
    }
    let length = f64::from(u32::try_from(frame.len()).unwrap());
    2.0 * (last * last + before * before - turn * last * before) / (length * power)
}
