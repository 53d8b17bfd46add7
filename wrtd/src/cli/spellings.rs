//! Options as users of other runtimes write them, where the meaning is the same.

// @need-ids: REQ_CLI_001

use crate::failure::{Class, Failure};
use crate::suggest;
use std::ffi::OsString;
use std::str::FromStr;
use wrt::ValType;

/// What one of wasmtime's `-W` keys is here.
#[derive(Clone, Copy)]
enum Meaning {
    /// The value of this option.
    Option(&'static str),
    /// This proposal, which is off by default.
    Proposal(&'static str),
    /// What is always on.
    AlwaysOn,
}

/// The keys of wasmtime's `-W` that mean the same here.
const WASMTIME: [(&str, Meaning); 24] = [
    ("fuel", Meaning::Option("fuel")),
    ("timeout", Meaning::Option("timeout")),
    ("max-memory-size", Meaning::Option("max-memory-bytes")),
    ("max-table-elements", Meaning::Option("max-table-elements")),
    ("max-instances", Meaning::Option("max-instances")),
    ("max-tables", Meaning::Option("max-tables")),
    ("max-memories", Meaning::Option("max-memories")),
    ("custom-page-sizes", Meaning::Proposal("custom-page-sizes")),
    ("wide-arithmetic", Meaning::Proposal("wide-arithmetic")),
    ("bulk-memory", Meaning::AlwaysOn),
    ("exceptions", Meaning::AlwaysOn),
    ("extended-const", Meaning::AlwaysOn),
    ("function-references", Meaning::AlwaysOn),
    ("gc", Meaning::AlwaysOn),
    ("memory64", Meaning::AlwaysOn),
    ("multi-memory", Meaning::AlwaysOn),
    ("multi-value", Meaning::AlwaysOn),
    ("nan-canonicalization", Meaning::AlwaysOn),
    ("reference-types", Meaning::AlwaysOn),
    ("relaxed-simd", Meaning::AlwaysOn),
    ("relaxed-simd-deterministic", Meaning::AlwaysOn),
    ("simd", Meaning::AlwaysOn),
    ("tail-call", Meaning::AlwaysOn),
    ("threads", Meaning::AlwaysOn),
];

/// Our options for what `-W` asks for.
///
/// # Errors
/// A key that means nothing here, or a value that it cannot have.
// @need-ids: REQ_CLI_002
pub(super) fn from_wasmtime<'a>(given: impl Iterator<Item = &'a String>) -> Result<Vec<OsString>, Failure> {
    let mut options = Vec::new();
    for item in given {
        let (key, value) = item.split_once('=').map_or((item.as_str(), None), |(key, value)| (key, Some(value)));
        let Some((_, meaning)) = WASMTIME.iter().find(|(known, _)| *known == key) else {
            return Err(unknown(key));
        };
        match (meaning, value) {
            (Meaning::Option(option), Some(value)) => options.push(format!("--{option}={value}").into()),
            (Meaning::Option(_), None) => return Err(wrong(format!("`-W {key}` needs a value: `-W {key}=VALUE`"))),
            (Meaning::Proposal(name), value) => {
                if switch(key, value)? {
                    options.push(format!("--enable={name}").into());
                }
            }
            (Meaning::AlwaysOn, value) => {
                if !switch(key, value)? {
                    return Err(wrong(format!("`-W {key}` cannot be turned off here")));
                }
            }
        }
    }
    Ok(options)
}

fn switch(key: &str, value: Option<&str>) -> Result<bool, Failure> {
    match value {
        None | Some("y" | "yes" | "true") => Ok(true),
        Some("n" | "no" | "false") => Ok(false),
        Some(other) => Err(wrong(format!("`-W {key}` is `y` or `n`, not `{other}`"))),
    }
}

fn unknown(key: &str) -> Failure {
    let known = WASMTIME.iter().map(|(known, _)| *known);
    let message = match suggest::nearest(key, known.clone()) {
        Some(near) => format!("no `-W {key}` here; did you mean `{near}`?"),
        None => format!("no `-W {key}` here"),
    };
    wrong(message).with_lines(vec![format!("these are understood: {}", known.collect::<Vec<_>>().join(", "))])
}

fn wrong(message: String) -> Failure {
    Failure::new(Class::Usage, message)
}

/// Arguments with their types, as Chiwawa has them.
// @need-ids: REQ_CLI_002
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Params(Vec<(ValType, String)>);

impl Params {
    /// The arguments as words, if they have the types that are wanted as far as there are both.
    ///
    /// # Errors
    /// What does not fit.
    pub fn words(&self, wanted: &[ValType]) -> Result<Vec<OsString>, String> {
        for (index, ((given, value), wanted)) in self.0.iter().zip(wanted).enumerate() {
            if given != wanted {
                return Err(format!("argument {}: '{value}' is given as {given}, but {wanted} is wanted", index + 1));
            }
        }
        Ok(self.0.iter().map(|(_, value)| value.into()).collect())
    }
}

impl FromStr for Params {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut params = Vec::new();
        let mut rest = text.trim();
        while !rest.is_empty() {
            let parts = rest.split_once('(').and_then(|(name, rest)| Some((name, rest.split_once(')')?)));
            let (name, (value, behind)) = parts.ok_or_else(|| format!("'{rest}' is not `TYPE(VALUE)`"))?;
            let ty = match name.trim().to_ascii_lowercase().as_str() {
                "i32" => ValType::I32,
                "i64" => ValType::I64,
                "f32" => ValType::F32,
                "f64" => ValType::F64,
                "v128" => ValType::V128,
                _ => return Err(format!("'{name}' is not a type: I32, I64, F32, F64 and V128 are")),
            };
            params.push((ty, value.trim().to_owned()));
            let behind = behind.trim_start();
            rest = match behind.strip_prefix(',') {
                Some(next) if !next.trim().is_empty() => next.trim(),
                None if behind.is_empty() => behind,
                _ => return Err(format!("'{behind}' is not `,TYPE(VALUE)`")),
            };
        }
        Ok(Self(params))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn translated(text: &str) -> Result<Vec<OsString>, String> {
        let given: Vec<String> = text.split(',').map(str::to_owned).collect();
        from_wasmtime(given.iter()).map_err(|failure| failure.message.into())
    }

    // @need-ids: REQ_CLI_002
    #[test]
    fn what_wasmtime_calls_otherwise_is_translated_and_the_rest_refused() {
        assert_eq!(translated("fuel=9").unwrap(), ["--fuel=9"]);
        assert_eq!(translated("max-memory-size=1,simd,gc=y").unwrap(), ["--max-memory-bytes=1"]);
        assert_eq!(translated("wide-arithmetic,custom-page-sizes=n").unwrap(), ["--enable=wide-arithmetic"]);
        for (text, part) in [
            ("simd=n", "cannot be turned off"),
            ("gc=maybe", "`y` or `n`"),
            ("fuel", "needs a value"),
            ("fuell=1", "did you mean `fuel`?"),
            ("epoch-interruption", "no `-W epoch-interruption` here"),
        ] {
            assert!(translated(text).unwrap_err().contains(part), "{text}");
        }
    }

    // @need-ids: REQ_CLI_002
    #[test]
    fn typed_arguments_are_read_and_compared_with_what_is_wanted() {
        let params: Params = "I32(1), f64(-2.5),V128(i32x4:1,2,3,4)".parse().unwrap();
        let types = [ValType::I32, ValType::F64, ValType::V128];
        assert_eq!(params.words(&types).unwrap(), ["1", "-2.5", "i32x4:1,2,3,4"]);
        let error = params.words(&[ValType::I32, ValType::F32]).unwrap_err();
        assert_eq!(error, "argument 2: '-2.5' is given as f64, but f32 is wanted");
        assert_eq!("".parse::<Params>().unwrap().words(&types).unwrap(), [""; 0]);
        for text in ["1", "I32", "I32(1", "I32(1),", "I32(1)I32(2)", "I33(1)", "(1)", "I32(1),,I32(2)"] {
            assert!(text.parse::<Params>().is_err(), "{text}");
        }
    }
}
