//! Copies the first episode of a name that has a result, with another result expected: `spoil SCRIPTS OUTPUT NAME`.
//! What plays it must notice.

use std::process::ExitCode;
use suite::format::{Command, Episode, Slot};

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let (Some(input), Some(output), Some(name)) = (args.next(), args.next(), args.next()) else {
        eprintln!("spoil SCRIPTS OUTPUT NAME");
        return ExitCode::from(2);
    };
    match spoil(&input, &name).and_then(|bytes| std::fs::write(&output, bytes).map_err(|error| error.to_string())) {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("spoil: {reason}");
            ExitCode::FAILURE
        }
    }
}

fn spoil(input: &str, name: &str) -> Result<Vec<u8>, String> {
    let file = std::fs::read(input).map_err(|error| format!("{input}: {error}"))?;
    let mut rest = file.as_slice();
    while let Some((length, after)) = rest.split_first_chunk::<4>() {
        let (episode, next) =
            after.split_at_checked(u32::from_le_bytes(*length) as usize).ok_or("the file ends within an episode")?;
        if let Some(spoilt) = spoilt(episode, name)? {
            let length = u32::try_from(spoilt.len()).map_err(|error| error.to_string())?;
            return Ok([&length.to_le_bytes()[..], &spoilt].concat());
        }
        rest = next;
    }
    Err(format!("no episode of {name} has a result"))
}

/// The episode, if its name has `name` in it, with the first exact result changed; `None` where there is none.
fn spoilt(bytes: &[u8], name: &str) -> Result<Option<Vec<u8>>, String> {
    let shown = |error: postcard::Error| error.to_string();
    let (episode, mut commands) = postcard::take_from_bytes::<Episode<'_>>(bytes).map_err(shown)?;
    if !episode.name.contains(name) {
        return Ok(None);
    }
    let mut new = postcard::to_stdvec(&episode).map_err(shown)?;
    let mut changed = false;
    for _ in 0..episode.commands {
        let (mut command, rest) = postcard::take_from_bytes::<Command<'_>>(commands).map_err(shown)?;
        commands = rest;
        let mut other = Vec::new();
        if let Command::Action { expected, .. } = &mut command
            && let Ok((Slot::Exactly(bits), more)) = postcard::take_from_bytes::<Slot>(expected.results)
            && !changed
        {
            other.extend(postcard::to_stdvec(&Slot::Exactly(bits ^ 1)).map_err(shown)?);
            other.extend(more);
            expected.results = &other;
            changed = true;
        }
        new.extend(postcard::to_stdvec(&command).map_err(shown)?);
    }
    Ok(changed.then_some(new))
}
