//! What shells, manuals and readers of logs get.

use super::{command, file, folder, module, run, wrtd};
use std::process::Command;

// @need-ids: REQ_CLI_006
#[test]
fn shells_get_scripts_that_they_can_read() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let run = wrtd(&["completion", shell]);
        assert_eq!((run.code, run.err.as_str()), (Some(0), ""), "{shell}");
        for part in ["wrtd", "max-frames", "selftest"] {
            assert!(run.out.contains(part), "{shell}: {part}");
        }
        if matches!(shell, "bash" | "zsh") && Command::new(shell).arg("--version").output().is_ok() {
            let script = file("completion", &run.out);
            let checked = Command::new(shell).args(["-n", &script]).output().expect("starts");
            assert!(checked.status.success() && checked.stderr.is_empty(), "{shell}: {checked:?}");
        }
    }
    for args in [["completion", "tcsh"].as_slice(), &["completion"], &["completion", "bash", "zsh"]] {
        assert_eq!(wrtd(args).code, Some(2), "{args:?}");
    }
}

// @need-ids: REQ_CLI_006
#[test]
fn manuals_have_every_option() {
    let run = wrtd(&["man", "run"]);
    assert_eq!((run.code, run.err.as_str()), (Some(0), ""));
    assert!(run.out.contains(".TH") && run.out.contains("max\\-frames") && run.out.contains("preload"), "{}", run.out);
    assert!(wrtd(&["man"]).out.contains("selftest"));
    let folder = folder().join("pages");
    let path = folder.to_str().expect("UTF-8");
    assert_eq!(wrtd(&["man", "--output", path]).code, Some(0));
    assert!(folder.join("wrtd.1").exists() && folder.join("wrtd-run.1").exists());
    assert_eq!(wrtd(&["man", "cheese"]).code, Some(2));
    assert_eq!(wrtd(&["man", "run", "--output", path]).code, Some(2));
    assert_eq!(wrtd(&["man", "--output", &file("no-folder", "")]).code, Some(70));
}

// @need-ids: REQ_CLI_001
#[test]
fn help_has_groups_and_examples() {
    let help = wrtd(&["--help"]).out;
    assert!(help.contains("Examples:") && help.contains("completion"), "{help}");
    let help = wrtd(&["run", "--help"]).out;
    for group in
        ["Options:", "Arguments:", "Proposals:", "WASI:", "Limits:", "As other runtimes have them:", "Everywhere:"]
    {
        assert!(help.contains(group), "{group}: {help}");
    }
    assert!(!wrtd(&["run", "-h"]).out.contains("--max-frames"), "the short help is short");
}

// @need-ids: REQ_009
#[test]
fn the_log_goes_to_standard_error_as_far_as_is_asked_for() {
    let file = module();
    let log = |options: &[&str], variable: &str| {
        let args = [options, &["--call", "add", &file, "1", "2"]].concat();
        let run = run(command().args(args).env("WRT_LOG", variable), b"");
        assert_eq!((run.code, run.out.as_str()), (Some(0), "3\n"), "{run:?}");
        run.err
    };
    assert_eq!(log(&[], ""), "");
    let (info, debug, trace) = (log(&["-v"], ""), log(&["-vv"], ""), log(&["-vvv"], ""));
    assert!(info.contains("[info wrtd::") && !info.contains("[debug"), "{info}");
    assert!(debug.contains("[debug wrt::module] module of ") && !debug.contains("[trace"), "{debug}");
    assert!(trace.contains("[trace wrt::call] instance 0: function "), "{trace}");
    let by_target = log(&[], "wrt::module=debug");
    assert!(
        by_target.lines().all(|line| line.starts_with("[debug wrt::module] ")) && !by_target.is_empty(),
        "{by_target}"
    );
    assert!(!log(&["-v"], "trace").contains("[trace"), "the option wins");
    let odd = super::file("odd.wat", "(module $\"\\1b[31m\" (func (export \"_start\")))");
    assert!(!wrtd(&["-vvv", &odd]).err.contains('\u{1b}'));
}

// @need-ids: REQ_CLI_005
#[test]
fn progress_is_not_shown_without_a_terminal() {
    let large =
        file("large.wat", format!("(module (func (export \"_start\") {}))", "(drop (i32.const 1))\n".repeat(100_000)));
    let run = wrtd(&[&large]);
    assert_eq!((run.code, run.err.as_str()), (Some(0), ""));
}

// @need-ids: REQ_CLI_001
#[test]
fn the_page_names_every_command_and_option() {
    let page = include_str!("../../../docs/command-line.md");
    let help = wrtd(&["run", "--help"]).out;
    let options = help.split_whitespace().filter_map(|word| word.strip_prefix("--"));
    let is_of_name = |part: char| part.is_ascii_alphanumeric() || part == '-';
    let options = options.map(|word| word.split(|part| !is_of_name(part)).next().unwrap_or_default());
    for option in options.filter(|option| !option.is_empty() && *option != "help") {
        let named = page.contains(&format!("--{option}")) || page.contains(&format!("| `{option}` |"));
        assert!(named, "docs/command-line.md does not name --{option}");
    }
    let help = wrtd(&["--help"]).out;
    let commands =
        help.split("Commands:").nth(1).expect("are listed").lines().skip(1).take_while(|line| !line.is_empty());
    for command in commands.filter_map(|line| line.split_whitespace().next()).filter(|command| *command != "help") {
        assert!(page.contains(&format!("wrtd {command}")) || page.contains(&format!("[{command}]")), "{command}");
    }
}
