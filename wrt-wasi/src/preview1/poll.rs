//! `poll_oneoff`.

use super::context::WasiP1;
use super::guest::Guest;
use super::process;
use super::rights::Rights;
use super::table::{Object, Table};
use crate::errno::Errno;
use crate::platform::{Clock, File, Interest, Platform, Readiness, Result, Wait};
use alloc::vec::Vec;

/// Subscriptions that one call takes.
const MAX_SUBSCRIPTIONS: u32 = 4_096;

/// Bytes of an `event`.
const EVENT: u32 = 32;

/// How a `subscription` lies in memory.
#[derive(Clone, Copy)]
pub(super) struct Layout {
    /// Its bytes.
    pub(super) size: u32,
    /// Where the number of a clock is; its time and flags follow.
    pub(super) clock: usize,
}

/// What a guest waits for.
enum Subject {
    /// A time on a clock.
    Time(Clock, u64),
    /// A file.
    File(u32, Interest),
    /// Nothing that could happen: it is told at once.
    Wrong(Errno),
}

struct Subscription {
    userdata: u64,
    /// The number of its kind.
    tag: u8,
    subject: Subject,
}

impl Subscription {
    fn parse(bytes: &[u8], clock: usize, platform: &dyn Platform) -> Result<Self> {
        let word = |at: usize| {
            let bytes = bytes.get(at..).and_then(<[u8]>::first_chunk).copied();
            bytes.map(u64::from_le_bytes).ok_or(Errno::Fault)
        };
        let half = |at: usize| word(at).map(|word| word as u32);
        let tag = word(8)? as u8;
        let subject = match tag {
            0 => time(platform, half(clock)?, word(clock + 8)?, word(clock + 24)? as u16),
            1 => Ok(Subject::File(half(16)?, Interest::Read)),
            2 => Ok(Subject::File(half(16)?, Interest::Write)),
            _ => return Err(Errno::Invalid),
        };
        Ok(Self { userdata: word(0)?, tag, subject: subject.unwrap_or_else(Subject::Wrong) })
    }
}

/// The time on its clock when a subscription is over.
fn time(platform: &dyn Platform, clock: u32, timeout: u64, flags: u16) -> Result<Subject> {
    let clock = process::clock(clock)?;
    let now = platform.now(clock)?;
    match flags {
        0 => Ok(Subject::Time(clock, now.saturating_add(timeout))),
        1 => Ok(Subject::Time(clock, timeout)),
        _ => Err(Errno::Invalid),
    }
}

/// What a subscription came to.
struct Event {
    userdata: u64,
    tag: u8,
    outcome: Result<Readiness>,
}

impl Event {
    fn words(&self) -> [u64; EVENT as usize / 8] {
        let (errno, readiness) = match self.outcome {
            Ok(readiness) => (0, readiness),
            Err(errno) => (errno.number(), Readiness::default()),
        };
        [self.userdata, u64::from(errno) | u64::from(self.tag) << 16, readiness.bytes, u64::from(readiness.hangup)]
    }
}

/// The files of the subscriptions that can be waited for, and the events of those that cannot.
fn files<'t>(table: &'t Table, subscriptions: &[Subscription], events: &mut Vec<Event>) -> (Vec<usize>, Vec<Wait<'t>>) {
    let (mut places, mut waits) = (Vec::new(), Vec::new());
    for (place, Subscription { userdata, tag, subject }) in subscriptions.iter().enumerate() {
        let found = match *subject {
            Subject::Time(..) => continue,
            Subject::Wrong(errno) => Err(errno),
            Subject::File(fd, interest) => pollable(table, fd).map(|file| (file, interest)),
        };
        match found {
            Ok((file, interest)) => {
                places.push(place);
                waits.push(Wait { file, interest, readiness: Readiness::default() });
            }
            Err(errno) => events.push(Event { userdata: *userdata, tag: *tag, outcome: Err(errno) }),
        }
    }
    (places, waits)
}

fn pollable(table: &Table, fd: u32) -> Result<&dyn File> {
    let descriptor = table.get(fd)?;
    match &descriptor.object {
        Object::Directory(_) => Err(Errno::BadFd),
        Object::File(file) => descriptor.rights.need(Rights::POLL_FD_READWRITE).map(|()| file.as_ref()),
    }
}

impl WasiP1 {
    pub(super) fn poll_oneoff(
        &mut self,
        guest: &mut Guest<'_>,
        subscriptions: u32,
        events: u32,
        count: u32,
        result: u32,
    ) -> Result<()> {
        let Layout { size, clock } = guest.snapshot.subscription();
        if count == 0 || count > MAX_SUBSCRIPTIONS {
            return Err(Errno::Invalid);
        }
        guest.slice(result, 4)?;
        guest.slice(events, count * EVENT)?;
        // All are read before any event is written: the two may overlap.
        let places = guest.slice(subscriptions, count * size)?.chunks_exact(size as usize);
        let parse = |bytes| Subscription::parse(bytes, clock, &*self.platform);
        let subscriptions = places.map(parse).collect::<Result<Vec<_>>>()?;
        let found = self.wait(&subscriptions)?;
        for (event, at) in found.iter().zip((events..).step_by(EVENT as usize)) {
            guest.write_words(at, &event.words())?;
        }
        guest.write_u32(result, found.len() as u32)
    }

    /// Waits until at least one subscription has an event.
    fn wait(&self, subscriptions: &[Subscription]) -> Result<Vec<Event>> {
        let mut events = Vec::new();
        let (places, mut waits) = files(&self.table, subscriptions, &mut events);
        loop {
            let timeout = if events.is_empty() { self.least_timeout(subscriptions)? } else { Some(0) };
            if !waits.is_empty() || timeout != Some(0) {
                self.platform.wait(&mut waits, timeout)?;
            }
            for (wait, place) in waits.iter().zip(&places) {
                if let (true, Some(subscription)) = (wait.readiness.ready, subscriptions.get(*place)) {
                    let Subscription { userdata, tag, .. } = *subscription;
                    events.push(Event { userdata, tag, outcome: Ok(wait.readiness) });
                }
            }
            for Subscription { userdata, tag, subject } in subscriptions {
                let Subject::Time(clock, due) = *subject else { continue };
                if self.platform.now(clock)? >= due {
                    events.push(Event { userdata: *userdata, tag: *tag, outcome: Ok(Readiness::default()) });
                }
            }
            if !events.is_empty() {
                return Ok(events);
            }
        }
    }

    /// How long until the first time; `None` where only files are waited for.
    fn least_timeout(&self, subscriptions: &[Subscription]) -> Result<Option<u64>> {
        let mut least = None;
        for subscription in subscriptions {
            if let Subject::Time(clock, due) = subscription.subject {
                let left = due.saturating_sub(self.platform.now(clock)?);
                least = Some(least.map_or(left, |least: u64| least.min(left)));
            }
        }
        Ok(least)
    }
}
