//! `portcullis`: what a policy says, before a proxy asks it.

mod check;
mod eval;

use std::error::Error;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// What a policy says, before a proxy asks it.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Check plugin configurations
    Check(check::Arguments),
    /// Evaluate an expression
    Eval(eval::Arguments),
}

/// What a command answers: its exit code, or why it could not do its work.
type CommandResult = Result<ExitCode, Box<dyn Error>>;

fn main() -> ExitCode {
    let result = match Arguments::parse().command {
        Command::Check(arguments) => check::run(&arguments),
        Command::Eval(arguments) => eval::run(&arguments),
    };
    result.unwrap_or_else(|error| {
        eprintln!("{error}");
        ExitCode::from(2)
    })
}
