//! `decode PROGRAM LOG` prints what a board logged: the texts are in the program's debug sections.

use defmt_decoder::{DecodeError, Table};
use std::error::Error;
use std::{env, fs};

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = env::args().skip(1).collect();
    let [program, log] = &args[..] else { return Err("usage: decode PROGRAM LOG".into()) };
    let table = Table::parse(&fs::read(program)?)?.ok_or("the program has no log")?;
    let mut decoder = table.new_stream_decoder();
    decoder.received(&fs::read(log)?);
    loop {
        match decoder.decode() {
            Ok(frame) => println!("{}", frame.display_message()),
            Err(DecodeError::UnexpectedEof) => return Ok(()),
            Err(DecodeError::Malformed) => return Err("a frame of the log is malformed".into()),
        }
    }
}
