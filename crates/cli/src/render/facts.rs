//! What a proxy has to know of each plugin.

use crate::plugin::Plugin;

/// Where among Istio's own filters a plugin stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Phase {
    /// Before those that authenticate.
    Authn,
    /// After those that authenticate, before those that authorize.
    Authz,
}

impl Phase {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Authn => "AUTHN",
            Self::Authz => "AUTHZ",
        }
    }
}

impl Plugin {
    pub(super) const fn phase(self) -> Phase {
        match self {
            Self::Bundle | Self::JwtAuth => Phase::Authn,
            Self::InputValidation | Self::RateLimit | Self::Rbac => Phase::Authz,
        }
    }

    /// The filter state that tells an access log who, or what, decided, where there is one.
    pub(super) const fn filter_state(self) -> Option<&'static str> {
        match self {
            Self::Bundle | Self::JwtAuth => Some("portcullis_subject"),
            // The details of the response name the rule, or the limit.
            Self::InputValidation | Self::RateLimit => None,
            Self::Rbac => Some("portcullis_policy"),
        }
    }

    /// The functions of the host that the module imports and the callbacks that it exports: all that it must be allowed.
    pub(super) fn capabilities(self) -> impl Iterator<Item = &'static str> {
        self.interface().lines().filter_map(|line| match line.split_once(' ')? {
            ("import", name) => name.split_once('.').map(|(_, function)| function),
            ("export", name) => name.starts_with("proxy_on_").then_some(name),
            _ => None,
        })
    }

    /// A line for each import and export of the module.
    const fn interface(self) -> &'static str {
        match self {
            Self::Bundle => include_str!("../../../../plugins/bundle/module.txt"),
            Self::InputValidation => include_str!("../../../../plugins/input-validation/module.txt"),
            Self::JwtAuth => include_str!("../../../../plugins/jwt-auth/module.txt"),
            Self::RateLimit => include_str!("../../../../plugins/rate-limit/module.txt"),
            Self::Rbac => include_str!("../../../../plugins/rbac/module.txt"),
        }
    }
}
