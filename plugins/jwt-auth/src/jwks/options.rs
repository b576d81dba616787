//! Where a provider's keys come from and how often, checked.

use std::time::Duration;

use portcullis_config::{ConfigError, ResolvedSecret};
use portcullis_filter::Environment;
use portcullis_jose::MAX_KEY_SET_BYTES;
use sha2::{Digest as _, Sha256};

use super::config::{DiscoveryConfig, FetchHeaderConfig, RemoteJwksConfig, RetryConfig};
use super::uri::HttpUri;

/// A provider's remote keys.
#[derive(Debug)]
pub(crate) struct RemoteKeys {
    pub(super) origin: Origin,
    pub(super) headers: Vec<(String, ResolvedSecret)>,
    pub(super) max_bytes: usize,
    pub(super) timeout: Duration,
    pub(super) pacing: Pacing,
}

/// Where the key set is.
#[derive(Debug, Clone)]
pub(super) enum Origin {
    /// Here.
    KeySet { cluster: String, uri: HttpUri },
    /// Where the issuer's metadata say.
    Metadata {
        cluster: String,
        jwks_cluster: String,
        issuer: String,
        documents: Vec<HttpUri>,
        hosts: Vec<String>,
        insecure: bool,
    },
}

/// How often keys are fetched.
#[derive(Debug, Clone)]
pub(super) struct Pacing {
    /// How long one attempt may take, all its steps.
    pub(super) attempt: Duration,
    pub(super) cache_duration: Duration,
    pub(super) max_stale: Duration,
    pub(super) refetch_interval: Duration,
    pub(super) retry_attempts: u32,
    pub(super) retry_base: Duration,
    pub(super) retry_max: Duration,
}

impl RemoteKeys {
    /// Keys at a known place.
    pub(crate) fn at(config: RemoteJwksConfig, environment: &(impl Environment + ?Sized)) -> Result<Self, ConfigError> {
        let uri = HttpUri::parse(&config.uri).ok_or_else(|| ConfigError::at("uri", NOT_A_URI))?;
        let cluster = cluster("cluster", config.cluster)?;
        let timeout = positive("timeout", config.timeout.get())?;
        Ok(Self {
            origin: Origin::KeySet { cluster, uri },
            headers: headers(config.headers, environment)?,
            max_bytes: max_bytes(config.max_bytes.as_usize())?,
            timeout,
            pacing: pacing(timeout, config.cache_duration.get(), config.max_stale.get(), config.refetch_interval.get())?
                .retrying(&config.retry)?,
        })
    }

    /// Keys where the metadata of `issuer` say.
    pub(crate) fn discovered(
        config: DiscoveryConfig,
        issuer: Option<&str>,
        environment: &(impl Environment + ?Sized),
    ) -> Result<Self, ConfigError> {
        let timeout = positive("timeout", config.timeout.get())?;
        // The metadata in two places, and the key set.
        let attempt = timeout.saturating_mul(3);
        Ok(Self {
            headers: headers(config.headers, environment)?,
            max_bytes: max_bytes(config.max_bytes.as_usize())?,
            timeout,
            pacing: pacing(attempt, config.cache_duration.get(), config.max_stale.get(), config.refetch_interval.get())?
                .retrying(&config.retry)?,
            origin: Origin::discovered(
                cluster("cluster", config.cluster)?,
                config.jwks_cluster.map(|name| cluster("jwks_cluster", name)).transpose()?,
                config.allowed_hosts.map(|hosts| hosts.into_vec()),
                issuer,
            )?,
        })
    }

    /// What tells these keys from others in shared data: everything that decides which document is fetched.
    pub(super) fn fingerprint(&self, instance: &str, provider: &str) -> String {
        let mut hash = Sha256::new();
        let timing = format!("{:?}", self.pacing);
        let origin = format!("{:?}", self.origin);
        // Another tenant's header may fetch another tenant's keys.
        let headers = self.headers.iter().flat_map(|(name, value)| [name.as_str(), value.expose()]);
        for part in [instance, provider, &origin, &timing].into_iter().chain(headers) {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part.as_bytes());
        }
        hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

impl Origin {
    fn discovered(
        cluster: String,
        jwks_cluster: Option<String>,
        hosts: Option<Vec<String>>,
        issuer: Option<&str>,
    ) -> Result<Self, ConfigError> {
        let issuer = issuer.ok_or_else(|| ConfigError::at("", "discovery begins at the issuer: set `issuer` too"))?;
        let uri = HttpUri::parse(issuer)
            .filter(|uri| !uri.path.contains('?'))
            .ok_or_else(|| ConfigError::at("", "discovery needs an `issuer` that is a URL without query and fragment"))?;
        let hosts = hosts.unwrap_or_else(|| vec![uri.host().to_owned()]);
        Ok(Self::Metadata {
            jwks_cluster: jwks_cluster.unwrap_or_else(|| cluster.clone()),
            cluster,
            issuer: issuer.to_owned(),
            hosts: hosts.iter().map(|host| host.to_ascii_lowercase()).collect(),
            insecure: uri.scheme == "http",
            documents: documents(&uri),
        })
    }
}

/// OpenID Connect Discovery 1.0 section 4 appends, RFC 8414 section 3 inserts.
fn documents(issuer: &HttpUri) -> Vec<HttpUri> {
    let path = issuer.path.trim_end_matches('/');
    let at = |path: String| HttpUri { path, ..issuer.clone() };
    vec![at(format!("{path}/.well-known/openid-configuration")), at(format!("/.well-known/oauth-authorization-server{path}"))]
}

const NOT_A_URI: &str = "expected a URL such as \"https://id.example/jwks.json\"";

fn cluster(field: &str, name: String) -> Result<String, ConfigError> {
    if name.is_empty() { Err(ConfigError::at(field, "expected the name of a cluster")) } else { Ok(name) }
}

fn positive(field: &str, duration: Duration) -> Result<Duration, ConfigError> {
    if duration < Duration::from_millis(1) {
        return Err(ConfigError::at(field, "expected at least 1ms"));
    }
    Ok(duration)
}

fn max_bytes(bytes: usize) -> Result<usize, ConfigError> {
    if bytes == 0 || bytes > MAX_KEY_SET_BYTES {
        return Err(ConfigError::at("max_bytes", "expected a size from 1B to 1MiB"));
    }
    Ok(bytes)
}

fn pacing(
    attempt: Duration,
    cache_duration: Duration,
    max_stale: Duration,
    refetch_interval: Duration,
) -> Result<Pacing, ConfigError> {
    let second = Duration::from_secs(1);
    if refetch_interval < second {
        return Err(ConfigError::at("refetch_interval", "expected at least 1s: strangers decide how often it is used"));
    }
    if cache_duration < refetch_interval {
        return Err(ConfigError::at("cache_duration", "expected at least `refetch_interval`"));
    }
    let RetryConfig { attempts, base, max } = RetryConfig::default();
    Ok(Pacing {
        attempt,
        cache_duration,
        max_stale,
        refetch_interval,
        retry_attempts: attempts,
        retry_base: base.get(),
        retry_max: max.get(),
    })
}

impl Pacing {
    fn retrying(self, retry: &RetryConfig) -> Result<Self, ConfigError> {
        let within = |error: ConfigError| error.within("retry");
        if retry.attempts == 0 {
            return Err(within(ConfigError::at("attempts", "expected at least 1")));
        }
        let retry_base = positive("base", retry.base.get()).map_err(within)?;
        if retry.max.get() < retry_base {
            return Err(within(ConfigError::at("max", "expected at least `base`")));
        }
        Ok(Self { retry_attempts: retry.attempts, retry_base, retry_max: retry.max.get(), ..self })
    }
}

/// Headers that the proxy itself sets.
const NOT_TO_SET: [&str; 6] = ["connection", "content-length", "expect", "host", "transfer-encoding", "upgrade"];

fn headers(
    configured: Vec<FetchHeaderConfig>,
    environment: &(impl Environment + ?Sized),
) -> Result<Vec<(String, ResolvedSecret)>, ConfigError> {
    let header = |(index, config): (usize, FetchHeaderConfig)| {
        let within = |error: ConfigError| error.within_index(index).within("headers");
        let name = config.name.as_str();
        if NOT_TO_SET.contains(&name) {
            return Err(within(ConfigError::at("name", format!("the proxy sets `{name}` itself"))));
        }
        let value = config.value.resolve(|name| environment.variable(name)).map_err(|error| within(error.within("value")))?;
        if !value.expose().bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ') {
            return Err(within(ConfigError::at("value.env", "this environment variable holds what no header may")));
        }
        Ok((name.to_owned(), value))
    };
    configured.into_iter().enumerate().map(header).collect()
}
