//! Progress of long work on standard error: only on a terminal, and only after a second.

// @need-ids: REQ_CLI_005

use indicatif::{ProgressBar, ProgressStyle};
use std::io::IsTerminal;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

/// How long nothing is shown: what ends before was not long.
const PATIENCE: Duration = Duration::from_secs(1);

/// Between two pictures of what turns.
const TICK: Duration = Duration::from_millis(100);

/// Work on fewer bytes than this takes no second, so that nobody has to wait for it.
const LARGE: usize = 1 << 20;

/// Does `work` on so many bytes, and shows that it goes on.
// @need-ids: REQ_CLI_005
pub fn during<T>(what: &str, bytes: usize, work: impl FnOnce() -> T) -> T {
    if bytes < LARGE || !std::io::stderr().is_terminal() {
        return work();
    }
    let message = format!("{what}: {} MiB", bytes >> 20);
    let (done, wait) = mpsc::channel::<()>();
    let shows = thread::spawn(move || {
        // The sender is dropped when the work is done.
        if wait.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
            let bar = ProgressBar::new_spinner().with_message(message);
            bar.enable_steady_tick(TICK);
            let _ = wait.recv();
            bar.finish_and_clear();
        }
    });
    let result = work();
    drop(done);
    let _ = shows.join();
    result
}

/// Progress through a known number of things.
pub struct Steps {
    total: u64,
    done: u64,
    start: Instant,
    bar: Option<ProgressBar>,
    is_terminal: bool,
}

impl Steps {
    /// Begins.
    pub fn new(total: usize) -> Self {
        Self::on(total, std::io::stderr().is_terminal())
    }

    fn on(total: usize, is_terminal: bool) -> Self {
        Self { total: total as u64, done: 0, start: Instant::now(), bar: None, is_terminal }
    }

    /// Shows, if it is time, that `what` is next.
    // @need-ids: REQ_CLI_005
    pub fn next(&mut self, what: &str) {
        if self.is_shown(self.start.elapsed()) {
            let bar = self.bar.get_or_insert_with(|| {
                let style = ProgressStyle::with_template("{bar:30} {pos}/{len} {wide_msg}");
                ProgressBar::new(self.total).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
            });
            bar.set_message(crate::failure::one_line(what));
            bar.set_position(self.done);
        }
        self.done += 1;
    }

    /// Takes the bar away while something else is printed.
    pub fn suspend<T>(&self, print: impl FnOnce() -> T) -> T {
        match &self.bar {
            Some(bar) => bar.suspend(print),
            None => print(),
        }
    }

    fn is_shown(&self, elapsed: Duration) -> bool {
        self.is_terminal && elapsed >= PATIENCE
    }
}

impl Drop for Steps {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // @need-ids: REQ_CLI_005
    #[test]
    fn nothing_is_shown_in_the_first_second_or_without_a_terminal() {
        let shown = |is_terminal, seconds| Steps::on(9, is_terminal).is_shown(Duration::from_secs_f64(seconds));
        assert_eq!([shown(true, 0.9), shown(true, 1.1), shown(false, 9.0)], [false, true, false]);
        let mut steps = Steps::on(2, true);
        steps.next("a");
        assert!(steps.bar.is_none());
        steps.start -= PATIENCE;
        steps.next("b\u{1b}[31m");
        let bar = steps.bar.as_ref().expect("it is time");
        assert_eq!((bar.position(), bar.length(), bar.message().contains('\u{1b}')), (1, Some(2), false));
        assert_eq!(steps.suspend(|| 7), 7);
        assert_eq!(during("work", 9, || 5), 5);
    }
}
