//! What is common to all commands.

#![expect(clippy::unwrap_used, reason = "a test may stop")]

use std::process::Command;

fn said(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_portcullis")).args(arguments).output().unwrap();
    assert!(output.status.success(), "{arguments:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// The words of every command that has none below it: `import istio`.
fn commands(above: &clap::Command, path: &[String]) -> Vec<Vec<String>> {
    let below: Vec<&clap::Command> = above.get_subcommands().filter(|command| command.get_name() != "help").collect();
    if below.is_empty() {
        return vec![path.to_vec()];
    }
    below.into_iter().flat_map(|command| commands(command, &[path, &[command.get_name().to_owned()]].concat())).collect()
}

#[test]
fn every_command_has_examples_that_it_takes() {
    let commands = commands(&portcullis_cli::command(), &[]);
    assert!(commands.len() >= 7, "{commands:?}");
    for path in commands {
        let help: Vec<&str> = path.iter().map(String::as_str).chain(["--help"]).collect();
        let help = said(&help);
        let (_, examples) = help.split_once("Examples:\n").unwrap_or_else(|| panic!("{path:?} has no examples"));
        let beginning = format!("portcullis {} ", path.join(" "));
        let invocations = examples.lines().flat_map(|line| line.match_indices(&beginning).filter_map(|(at, _)| line.get(at..)));
        let mut count = 0;
        for invocation in invocations {
            let words = words(invocation);
            let taken = portcullis_cli::command().try_get_matches_from(&words);
            assert!(taken.is_ok(), "{words:?}: {}", taken.unwrap_err());
            count += 1;
        }
        assert!(count > 0, "{path:?}: {examples}");
    }
}

/// As a shell would split them, up to where it does something itself.
fn words(line: &str) -> Vec<String> {
    let line = line.split([')', '<', '>', '|']).next().unwrap();
    let (mut words, mut quoted) = (vec![String::new()], false);
    for character in line.chars() {
        match character {
            '\'' => quoted = !quoted,
            ' ' if !quoted => words.push(String::new()),
            character => words.last_mut().unwrap().push(character),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

#[test]
fn shells_complete_every_command() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = said(&["completions", shell]);
        for command in ["check", "completions", "eval", "explain", "import", "render", "test"] {
            assert!(script.contains(command), "{shell}: {command}");
        }
    }
}
