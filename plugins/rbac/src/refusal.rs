//! Refusals: what the client is told, and what only the operator learns.

use portcullis_filter::{GrpcStatus, LocalReply, Reason};

use crate::config::OnNoMatch;
use crate::judge::Verdict;

impl Verdict<'_> {
    /// The stable code.
    pub(crate) const fn reason(self) -> Reason {
        Reason(match self {
            Self::Allowed(_) => "rbac_allowed",
            Self::Denied(_) => "rbac_denied",
            Self::Failed(_) => "rbac_error",
            Self::NoMatch(_) => "rbac_no_match",
        })
    }

    /// The policy that decided.
    pub(crate) const fn policy(&self) -> Option<&str> {
        match self {
            Self::Allowed(name) | Self::Denied(name) | Self::Failed(name) => Some(name),
            Self::NoMatch(_) => None,
        }
    }

    /// What later filters and the access log learn: the deciding policy.
    pub(crate) const fn published(&self) -> &str {
        match self {
            Self::Allowed(name) | Self::Denied(name) | Self::Failed(name) => name,
            Self::NoMatch(OnNoMatch::Allow | OnNoMatch::Deny) => "on_no_match",
        }
    }

    /// The client learns that it may not, never which policy says so.
    pub(crate) fn reply(self) -> LocalReply {
        let reply = LocalReply::problem(403, "forbidden", "Forbidden", self.reason()).grpc(GrpcStatus::PERMISSION_DENIED);
        let details = match self.policy() {
            Some(policy) => format!("{}{{{policy}}}", reply.details),
            None => return reply,
        };
        LocalReply { details, ..reply }
    }
}
