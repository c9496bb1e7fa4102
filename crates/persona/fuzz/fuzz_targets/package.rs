//! A package of any bytes: it is a persona that can be asked, and what is written of it is read as the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use raconteur_persona::PromptRequest;
use raconteur_persona::cards::CardError;
use raconteur_persona::package::{Format, Package};

fuzz_target!(|input: &[u8]| {
    let package = match Package::read(input) {
        Ok((package, _)) => package,
        Err(error) => {
            assert!(!error.to_string().is_empty());
            return;
        }
    };
    let persona = package.load("fuzz").persona;
    for query in ["What of the bell?", "[[OOC]] Who is this?"] {
        if let Ok(prompt) = persona.prompt(&PromptRequest { query, ..PromptRequest::default() }) {
            assert!(!prompt.messages.is_empty() && !prompt.scripted.trim().is_empty());
        }
    }
    for format in [Format::Json, Format::Png, Format::Charx, Format::Zip] {
        // A stranger's file may say things that have no place in a package; but only once.
        let Some(once) = again(&package, format) else { continue };
        if let Some(twice) = again(&once, format) {
            assert_eq!(twice, once, "{format:?}");
        }
    }
});

/// The package after it was written and read. One at the limits may be too large in another format.
fn again(package: &Package, format: Format) -> Option<Package> {
    match package.write("fuzz", format) {
        Ok(bytes) => Some(Package::read(&bytes).expect("what was written can be read").0),
        Err(CardError::TooLarge { .. }) => None,
        Err(error) => panic!("what was read can be written: {error:?}"),
    }
}
