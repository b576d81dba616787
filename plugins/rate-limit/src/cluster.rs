//! `scope: cluster`: a limit that a rate limit service keeps, over gRPC.

use portcullis_config::ConfigError;

/// What a limit of this scope needs: there is none in this build.
pub(crate) fn refused() -> ConfigError {
    ConfigError::at("scope", "`cluster` is not in this build; `proxy` counts for all workers of a proxy")
}
