//! Packs the script of the reference page, which the server carries compressed, and looks for the web app.
#![allow(clippy::expect_used, reason = "a build that cannot be made is to fail")]

use std::io::Write as _;
use std::path::PathBuf;

use flate2::write::GzEncoder;
use flate2::{Compression, Crc};

fn main() {
    let script = scalar_api_reference::get_asset("scalar.js").expect("the crate carries its script");
    let mut crc = Crc::new();
    crc.update(&script);

    let folder = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo says where"));
    let file = std::fs::File::create(folder.join("scalar.js.gz")).expect("a file can be made");
    let mut packed = GzEncoder::new(file, Compression::best());
    packed.write_all(&script).expect("the script can be written");
    packed.finish().expect("the script can be written");

    // A part of its name, so that a browser may keep it for as long as it likes.
    println!("cargo::rustc-env=SCALAR_VERSION={:08x}", crc.sum());
    println!("cargo::rerun-if-changed=build.rs");

    // Where it is not there, cargo would build anew each time to see whether it has come.
    let web = std::path::Path::new("../web/dist");
    if web.is_dir() || std::fs::create_dir_all(web).is_ok() {
        println!("cargo::rerun-if-changed={}", web.display());
    }
}
