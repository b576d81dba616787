//! `portcullis import`: the policies of another system, in our words.

pub mod istio;

use crate::CommandResult;

/// Import the policies of another system.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    system: System,
}

#[derive(Debug, clap::Subcommand)]
enum System {
    /// Istio's AuthorizationPolicy and RequestAuthentication, as policies for rbac and jwt-auth
    Istio(istio::Arguments),
}

pub(crate) fn run(arguments: &Arguments) -> CommandResult {
    match &arguments.system {
        System::Istio(arguments) => istio::run(arguments),
    }
}
