//! `portcullis import`: the policies of another system, in our words.

pub mod istio;
mod openapi;

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
    /// An OpenAPI 3.0 or 3.1 document, as a policy for input-validation
    Openapi(openapi::Arguments),
}

pub(crate) fn run(arguments: &Arguments) -> CommandResult {
    match &arguments.system {
        System::Istio(arguments) => istio::run(arguments),
        System::Openapi(arguments) => openapi::run(arguments),
    }
}
