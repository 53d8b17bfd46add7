//! Any words as a command line, and as values. Nothing is run that would read or write files.

use std::ffi::OsString;
use wrt::ValType;
use wrtd::cli::{Command, Invocation, Parsed, parse};
use wrtd::literal;
use wrtd::output::Output;

/// What a value can be written for.
const TYPES: [ValType; 7] =
    [ValType::I32, ValType::I64, ValType::F32, ValType::F64, ValType::V128, ValType::FUNCREF, ValType::EXTERNREF];

/// Reads words that zeros are between.
///
/// # Panics
/// Where reading them does, or a value does not read back as it is shown.
// @need-ids: REQ_QA_003, REQ_CLI_001
pub fn check(input: &[u8]) {
    let words: Vec<OsString> = input.split(|byte| *byte == 0).map(word).collect();
    for word in &words {
        values(&word.to_string_lossy());
    }
    let args: Vec<OsString> = ["wrtd".into(), "--no-config".into()].into_iter().chain(words).collect();
    let Invocation { parsed, format, .. } = parse(&args);
    match parsed {
        Ok(Parsed::Command(Command::Run(options))) => drop(options.args().to_vec()),
        Ok(Parsed::Command(_)) => {}
        Ok(Parsed::Text(text)) => assert!(!text.to_string().is_empty()),
        Err(failure) => {
            let (mut out, mut err) = (Vec::new(), Vec::new());
            let mut output = Output::new(&mut out, &mut err, format);
            let code = output.fail(&failure);
            assert_eq!(code, 2, "{failure:?}");
            output.finish(code);
            assert!(!out.is_empty() || !err.is_empty());
        }
    }
}

#[cfg(unix)]
fn word(bytes: &[u8]) -> OsString {
    std::os::unix::ffi::OsStringExt::from_vec(bytes.to_vec())
}

#[cfg(not(unix))]
fn word(bytes: &[u8]) -> OsString {
    String::from_utf8_lossy(bytes).into_owned().into()
}

/// What can be read as a value is shown as what reads the same.
fn values(text: &str) {
    for ty in TYPES {
        if let Ok(value) = literal::parse(text, ty) {
            let shown = literal::show(&value);
            assert!(ty.is_reference() || literal::parse(&shown, ty) == Ok(value), "{text} as {ty} is {shown}");
        }
    }
}
