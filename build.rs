//! Prepares the sounds that come with the program, in every codec, so that it starts at once.
//!
//! Reads `src/media/sounds/*.wav`, plays the music of `build/music.rs` to itself, and leaves
//! `<name>.pcma`, `.pcmu` and `.g722` in `OUT_DIR`, where `src/media/sound.rs` finds them. The
//! codecs are those of the crate: their files are compiled here a second time.

#[path = "build/music.rs"]
mod music;

#[allow(dead_code, unreachable_pub)]
#[path = "src"]
mod base {
    #[path = "base/rng.rs"]
    pub mod rng;
}

#[allow(dead_code, unreachable_pub)]
#[path = "src"]
mod rtp {
    #[path = "rtp/g711.rs"]
    pub mod g711;
    #[path = "rtp/g722.rs"]
    pub mod g722;
}

#[allow(dead_code, unreachable_pub)]
#[path = "src"]
mod media {
    #[path = "media/render.rs"]
    pub mod render;
    #[path = "media/wav.rs"]
    pub mod wav;
}

use std::{env, error::Error, fs, path::Path};

use media::{
    render::{Rate, Rendered, render},
    wav,
};

const SPOKEN: [&str; 4] = ["greeting-de", "greeting-en", "sorry-de", "sorry-en"];

fn main() -> Result<(), Box<dyn Error>> {
    for watched in ["build.rs", "build", "src/media", "src/rtp/g711.rs", "src/rtp/g722.rs"] {
        println!("cargo::rerun-if-changed={watched}");
    }
    let out = env::var("OUT_DIR")?;
    let out = Path::new(&out);
    write(out, "music", &render(Rate::Narrow, &music::compose()))?;
    for name in SPOKEN {
        let file = format!("src/media/sounds/{name}.wav");
        let (rate, samples) =
            wav::read(&fs::read(&file)?).map_err(|why| format!("{file}: {why}"))?;
        write(out, name, &render(rate, &samples))?;
    }
    Ok(())
}

fn write(out: &Path, name: &str, sound: &Rendered) -> std::io::Result<()> {
    fs::write(out.join(name).with_extension("pcma"), &sound.pcma)?;
    fs::write(out.join(name).with_extension("pcmu"), &sound.pcmu)?;
    fs::write(out.join(name).with_extension("g722"), &sound.g722)
}
