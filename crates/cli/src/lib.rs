//! `portcullis`: what a policy says, before a proxy asks it.

mod check;
mod completions;
mod eval;
mod explain;
pub mod import;
mod modules;
mod plugin;
pub mod policy_file;
pub mod render;
mod rules;
mod setup;
mod terminal;
mod test;

use std::error::Error;
use std::process::ExitCode;

use clap::{CommandFactory as _, Parser, Subcommand};

/// What a policy says, before a proxy asks it.
#[derive(Debug, Parser)]
#[command(name = "portcullis", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Check plugin configurations
    Check(check::Arguments),
    /// Write shell completions
    Completions(completions::Arguments),
    /// Evaluate an expression
    Eval(eval::Arguments),
    /// Explain why a request is decided as it is
    Explain(Box<explain::Arguments>),
    /// Import the policies of another system
    Import(import::Arguments),
    /// Render policies for Envoy or Istio
    Render(render::Arguments),
    /// Test policies on the modules that a proxy loads
    Test(test::Arguments),
}

/// What a command answers: its exit code, or why it could not do its work.
type CommandResult = Result<ExitCode, Box<dyn Error>>;

/// All commands with their options, for documentation and shells.
#[must_use]
pub fn command() -> clap::Command {
    Arguments::command()
}

/// Does what the command line says.
#[must_use]
pub fn run() -> ExitCode {
    let result = match Arguments::parse().command {
        Command::Check(arguments) => check::run(&arguments),
        Command::Completions(arguments) => completions::run(&arguments),
        Command::Eval(arguments) => eval::run(&arguments),
        Command::Explain(arguments) => explain::run(&arguments),
        Command::Import(arguments) => import::run(&arguments),
        Command::Render(arguments) => render::run(&arguments),
        Command::Test(arguments) => test::run(&arguments),
    };
    result.unwrap_or_else(|error| {
        eprintln!("{error}");
        ExitCode::from(2)
    })
}
