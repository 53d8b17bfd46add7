//! Values as text: arguments as they are typed, results as they are printed.

// @need-ids: REQ_CLI_001

use wast::parser::{self, Parse, ParseBuffer};
use wast::token::{F32, F64};
use wrt::{Val, ValType};

/// Reads an argument of type `ty`. The error says what the text is not, and why if there is more to say.
///
/// Numbers are written as in the text format: signed or unsigned, decimal or hexadecimal, with underscores; floats also as
/// `nan`, `nan:0x1234`, `inf` and in hexadecimal. Beyond that, `.5`, `5.e3` and any mixture of cases are understood.
// @need-ids: REQ_CLI_001, REQ_WASM_002
pub fn parse(text: &str, ty: ValType) -> Result<Val, String> {
    let value = match ty {
        ValType::I32 => token::<i32>(&text.to_ascii_lowercase()).map(Val::I32),
        ValType::I64 => token::<i64>(&text.to_ascii_lowercase()).map(Val::I64),
        ValType::F32 => token::<F32>(&as_float(text)).map(|float| Val::F32(float.bits)),
        ValType::F64 => token::<F64>(&as_float(text)).map(|float| Val::F64(float.bits)),
        ValType::V128 => vector(text).map(Val::V128),
        ValType::Ref(ty) if is_null(text) && ty.is_nullable() => return Ok(Val::null(ty.heap_type())),
        ValType::Ref(_) => None,
    };
    value.ok_or_else(|| match why_not(text, ty) {
        Some(why) => format!("'{text}' is not {}: {why}", with_article(ty)),
        None => format!("'{text}' is not {}", with_article(ty)),
    })
}

/// "an i32", "a funcref".
fn with_article(ty: ValType) -> String {
    match ty {
        ValType::V128 => format!("a {ty}"),
        ValType::Ref(_) => match ty.to_string() {
            text if text.starts_with(['a', 'e', 'i']) => format!("an {text}"),
            text => format!("a {text}"),
        },
        _ => format!("an {ty}"),
    }
}

fn is_null(text: &str) -> bool {
    matches!(text, "null" | "ref.null")
}

/// A vector: a number of 128 bits, or a shape and its lanes, from the lowest on.
fn vector(text: &str) -> Option<u128> {
    let Some((shape, lanes)) = text.split_once(':').filter(|(shape, _)| shape.contains('x')) else {
        return number(&text.to_ascii_lowercase());
    };
    let (bits, lane): (u32, fn(&str) -> Option<u128>) = match shape {
        "i8x16" => (8, |text| token::<i8>(text).map(|lane| u128::from(lane as u8))),
        "i16x8" => (16, |text| token::<i16>(text).map(|lane| u128::from(lane as u16))),
        "i32x4" => (32, |text| token::<i32>(text).map(|lane| u128::from(lane as u32))),
        "i64x2" => (64, |text| token::<i64>(text).map(|lane| u128::from(lane as u64))),
        "f32x4" => (32, |text| token::<F32>(&as_float(text)).map(|lane| u128::from(lane.bits))),
        "f64x2" => (64, |text| token::<F64>(&as_float(text)).map(|lane| u128::from(lane.bits))),
        _ => return None,
    };
    let lanes: Vec<u128> = lanes.split(',').map(|text| lane(&text.to_ascii_lowercase())).collect::<Option<_>>()?;
    let complete = lanes.len() == 128 / bits as usize;
    complete.then(|| (0..).step_by(bits as usize).zip(lanes).fold(0, |all, (at, lane)| all | lane << at))
}

/// A whole number without a sign, decimal or hexadecimal, with underscores between digits.
fn number(text: &str) -> Option<u128> {
    let (digits, radix) = text.strip_prefix("0x").map_or((text, 10), |digits| (digits, 16));
    let plain = digits.replace('_', "");
    let separated = !digits.starts_with('_') && !digits.ends_with('_') && !digits.contains("__");
    let whole = separated && plain.chars().all(|digit| digit.is_digit(radix));
    u128::from_str_radix(&plain, radix).ok().filter(|_| whole)
}

fn why_not(text: &str, ty: ValType) -> Option<&'static str> {
    let digits = text.trim_start_matches(['-', '+']);
    let is_number = digits.starts_with(|first: char| first.is_ascii_digit());
    let is_whole = is_number && token::<WholeNumber>(text).is_some();
    match ty {
        ValType::I32 if is_whole => Some("it must be within -2147483648 and 4294967295"),
        ValType::I64 if is_whole => Some("it must be within -9223372036854775808 and 18446744073709551615"),
        ValType::F32 | ValType::F64 if is_number && as_float(text).parse::<f64>().is_ok() => Some("it is too large"),
        ValType::Ref(ty) if ty.is_nullable() => Some("only `null` can be given"),
        ValType::Ref(_) => Some("references cannot be given"),
        ValType::V128 => Some("a number of 128 bits, or lanes such as `i32x4:1,2,3,4`"),
        _ => None,
    }
}

/// A whole number of any size.
struct WholeNumber;

impl<'a> Parse<'a> for WholeNumber {
    fn parse(parser: parser::Parser<'a>) -> parser::Result<Self> {
        parser.step(|cursor| match cursor.integer()? {
            Some((_, rest)) => Ok((Self, rest)),
            None => Err(cursor.error("not a whole number")),
        })
    }
}

/// The one token of the text format that `text` is.
fn token<T: for<'a> Parse<'a>>(text: &str) -> Option<T> {
    // What can stand in no number could be a comment, which a whole text may have beside its token.
    let is_number = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.' | b'_' | b':');
    if text.is_empty() || !text.bytes().all(is_number) {
        return None;
    }
    let buffer = ParseBuffer::new(text).ok()?;
    parser::parse(&buffer).ok()
}

/// `text` with what people write otherwise brought into the text format's form.
fn as_float(text: &str) -> String {
    let lower = text.to_ascii_lowercase();
    let (sign, rest) = match lower.strip_prefix(['-', '+']) {
        Some(rest) => (&lower[..1], rest),
        None => ("", lower.as_str()),
    };
    match rest {
        "infinity" => format!("{sign}inf"),
        _ if rest.starts_with('.') && rest.len() > 1 => format!("{sign}0{rest}"),
        _ => lower,
    }
}

/// A value as it is printed: integers signed, floats as short as reads back to the same value.
// @need-ids: REQ_CLI_001
pub fn show(value: &Val) -> String {
    match value {
        Val::I32(value) => value.to_string(),
        Val::I64(value) => value.to_string(),
        Val::F32(bits) => show_f32(*bits),
        Val::F64(bits) => show_f64(*bits),
        Val::V128(value) => format!("{value:#034x}"),
        value if value.is_null() => "ref.null".into(),
        Val::FuncRef(_) => "ref.func".into(),
        Val::ExternRef(_) => "ref.extern".into(),
        Val::AnyRef(_) => "ref.any".into(),
        Val::ExnRef(_) => "ref.exn".into(),
    }
}

/// A float of 32 bits.
pub fn show_f32(bits: u32) -> String {
    let value = f32::from_bits(bits);
    if value.is_nan() {
        return show_nan(value.is_sign_negative(), u64::from(bits & 0x7F_FFFF), 0x40_0000);
    }
    // The decimal digits of a number and of its scientific form are the same: the fewest that read back.
    if is_plain(f64::from(value.abs())) { format!("{value}") } else { format!("{value:e}") }
}

/// A float of 64 bits.
pub fn show_f64(bits: u64) -> String {
    let value = f64::from_bits(bits);
    if value.is_nan() {
        return show_nan(value.is_sign_negative(), bits & 0xF_FFFF_FFFF_FFFF, 0x8_0000_0000_0000);
    }
    if is_plain(value.abs()) { format!("{value}") } else { format!("{value:e}") }
}

/// Whether a number is shown without an exponent.
fn is_plain(absolute: f64) -> bool {
    absolute == 0.0 || absolute.is_infinite() || (1e-5..1e16).contains(&absolute)
}

fn show_nan(negative: bool, payload: u64, canonical: u64) -> String {
    let sign = if negative { "-" } else { "" };
    if payload == canonical { format!("{sign}nan") } else { format!("{sign}nan:{payload:#x}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    // @need-ids: REQ_CLI_001, REQ_WASM_002
    #[test]
    fn integers() {
        for (text, expected) in [
            ("0", Some(0)),
            ("-1", Some(-1)),
            ("+7", Some(7)),
            ("4294967295", Some(-1)),
            ("4294967296", None),
            ("-2147483648", Some(i32::MIN)),
            ("-2147483649", None),
            ("0xffff_ffff", Some(-1)),
            ("0XFF", Some(255)),
            ("-0x10", Some(-16)),
            ("1_000", Some(1_000)),
            ("1__0", None),
            ("_1", None),
            ("1_", None),
            ("", None),
            ("-", None),
            ("1.0", None),
            ("1e3", None),
            ("x", None),
            ("1 2", None),
            (" 1", None),
            ("1;;", None),
            ("(i32.const 1)", None),
            ("0x", None),
            ("٣", None),
        ] {
            assert_eq!(parse(text, ValType::I32).ok(), expected.map(Val::I32), "{text}");
        }
        for (text, expected) in [
            ("18446744073709551615", Some(-1)),
            ("18446744073709551616", None),
            ("-9223372036854775808", Some(i64::MIN)),
            ("-9223372036854775809", None),
            ("0x8000_0000_0000_0000", Some(i64::MIN)),
        ] {
            assert_eq!(parse(text, ValType::I64).ok(), expected.map(Val::I64), "{text}");
        }
    }

    // @need-ids: REQ_CLI_001, REQ_WASM_002
    #[test]
    fn floats() {
        for (text, expected) in [
            ("0", Some(0)),
            ("-0", Some(1 << 63)),
            ("1", Some(1.0_f64.to_bits())),
            ("1.5", Some(1.5_f64.to_bits())),
            (".5", Some(0.5_f64.to_bits())),
            ("-.5", Some((-0.5_f64).to_bits())),
            ("5.", Some(5.0_f64.to_bits())),
            ("1e3", Some(1e3_f64.to_bits())),
            ("1E-3", Some(1e-3_f64.to_bits())),
            ("1_000.5", Some(1_000.5_f64.to_bits())),
            ("0x1.8p1", Some(3.0_f64.to_bits())),
            ("0X1P-1074", Some(1)),
            ("inf", Some(f64::INFINITY.to_bits())),
            ("-Inf", Some(f64::NEG_INFINITY.to_bits())),
            ("Infinity", Some(f64::INFINITY.to_bits())),
            ("nan", Some(0x7FF8_0000_0000_0000)),
            ("-NaN", Some(0xFFF8_0000_0000_0000)),
            ("nan:0x1", Some(0x7FF0_0000_0000_0001)),
            ("nan:0x0", None),
            ("1e999", None),
            ("x", None),
            ("", None),
            (".", None),
            ("1.0f", None),
            ("--1", None),
        ] {
            assert_eq!(parse(text, ValType::F64).ok(), expected.map(Val::F64), "{text}");
        }
        assert_eq!(parse("0x1.000001p0", ValType::F32), Ok(Val::F32(0x3F80_0000)));
        assert_eq!(parse("0x1.000003p0", ValType::F32), Ok(Val::F32(0x3F80_0002)));
        assert_eq!(parse("nan:0x20_0000", ValType::F32), Ok(Val::F32(0x7FA0_0000)));
        assert!(parse("1e39", ValType::F32).is_err());
    }

    // @need-ids: REQ_CLI_001, REQ_WASM_002
    #[test]
    fn vectors() {
        for (text, expected) in [
            ("0", Some(0)),
            ("0x0f", Some(15)),
            ("1_000", Some(1_000)),
            ("340282366920938463463374607431768211455", Some(u128::MAX)),
            ("340282366920938463463374607431768211456", None),
            ("-1", None),
            ("+1", None),
            ("0x", None),
            ("_1", None),
            ("i32x4:1,-1,0x10,0", Some(0x10_FFFF_FFFF_0000_0001)),
            ("i64x2:2,1", Some(1 << 64 | 2)),
            ("i16x8:1,2,3,4,5,6,7,-1", Some(0xFFFF_0007_0006_0005_0004_0003_0002_0001)),
            ("i8x16:1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,-1", Some(0xFF0F_0E0D_0C0B_0A09_0807_0605_0403_0201)),
            ("f32x4:1,-0,inf,nan", Some(0x7FC0_0000_7F80_0000_8000_0000_3F80_0000)),
            ("f64x2:1.5,0", Some(0x3FF8_0000_0000_0000)),
            ("i32x4:1,2,3", None),
            ("i32x4:1,2,3,4,5", None),
            ("i32x4:1,2,3,4294967296", None),
            ("i8x16:1", None),
            ("i33x4:1,2,3,4", None),
            ("", None),
        ] {
            assert_eq!(parse(text, ValType::V128).ok(), expected.map(Val::V128), "{text}");
        }
        for value in [0, 1, u128::MAX, 0x0123_4567_89AB_CDEF_0011_2233_4455_6677] {
            let text = show(&Val::V128(value));
            assert_eq!((text.len(), parse(&text, ValType::V128)), (34, Ok(Val::V128(value))));
        }
    }

    // @need-ids: REQ_CLI_001
    #[test]
    fn what_does_not_fit_is_told() {
        for (text, ty, expected) in [
            ("x", ValType::I32, "'x' is not an i32"),
            (
                "300000000000",
                ValType::I32,
                "'300000000000' is not an i32: it must be within -2147483648 and 4294967295",
            ),
            ("1.5", ValType::I64, "'1.5' is not an i64"),
            ("1e999", ValType::F64, "'1e999' is not an f64: it is too large"),
            ("7", ValType::FUNCREF, "'7' is not a funcref: only `null` can be given"),
            (
                "i32x4:1,2,3",
                ValType::V128,
                "'i32x4:1,2,3' is not a v128: a number of 128 bits, or lanes such as `i32x4:1,2,3,4`",
            ),
        ] {
            assert_eq!(parse(text, ty), Err(expected.into()));
        }
        assert_eq!(parse("null", ValType::EXTERNREF), Ok(Val::ExternRef(None)));
    }

    // @need-ids: REQ_CLI_001
    #[test]
    fn results_read_back() {
        for (bits, expected) in [
            (1.0_f64.to_bits(), "1"),
            ((-0.0_f64).to_bits(), "-0"),
            (0.1_f64.to_bits(), "0.1"),
            (1e300_f64.to_bits(), "1e300"),
            (1.5e-7_f64.to_bits(), "1.5e-7"),
            (1, "5e-324"),
            (f64::NEG_INFINITY.to_bits(), "-inf"),
            (0x7FF8_0000_0000_0000, "nan"),
            (0xFFF8_0000_0000_0000, "-nan"),
            (0x7FF0_0000_0000_0001, "nan:0x1"),
        ] {
            assert_eq!(show_f64(bits), expected);
            assert_eq!(parse(expected, ValType::F64), Ok(Val::F64(bits)));
        }
        for bits in (0..=u32::MAX).step_by(65_521) {
            assert_eq!(parse(&show_f32(bits), ValType::F32), Ok(Val::F32(bits)), "{bits:#x}");
        }
        assert_eq!(show_f32(0x3DCC_CCCD), "0.1");
        assert_eq!(show(&Val::I32(-1)), "-1");
        assert_eq!(show(&Val::I64(i64::MIN)), "-9223372036854775808");
        assert_eq!(show(&Val::FuncRef(None)), "ref.null");
    }
}
