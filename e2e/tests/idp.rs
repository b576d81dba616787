//! A real identity provider (`make test-idp`): tokens from its token endpoint, keys from its metadata and its key set, and a
//! rotation that nobody notices but the holders of old tokens.
#![expect(clippy::unwrap_used, reason = "test code, never in a proxy: a panic is a failed test")]

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use portcullis_e2e::filters::{WasmFilter, wasm_filter};
use portcullis_e2e::identity_provider::{BILLING, IdentityProvider, ORDERS, TokenClient};
use portcullis_e2e::{Envoy, EnvoySpec, Listener, Request, Route, eventually};
use portcullis_host_tests::corpus::{capabilities, module_path};
use serde_json::{Value, json};

/// A path, and the resource whose tokens it takes.
type Api = (&'static str, &'static str);

/// Its keys are found by discovery; its tokens are signed by RS256.
const BY_DISCOVERY: Api = ("/orders", ORDERS);

/// Its keys are at a configured URI; its tokens are signed by ES256.
const BY_URI: Api = ("/billing", BILLING);

/// How long keys count as fresh: a key that the provider withdraws is gone after that.
const CACHE_DURATION: Duration = Duration::from_secs(3);

fn start(provider: &IdentityProvider) -> Envoy {
    let config = configuration(provider.issuer());
    let module = module_path("jwt-auth");
    let filter = wasm_filter(&WasmFilter {
        allow_on_headers_stop_iteration: Some(true),
        capabilities: Some(capabilities("jwt-auth").unwrap()),
        ..WasmFilter::new("jwt-auth", &module, &config)
    });
    let listener = Listener::new("main").filter(filter).route(Route::Direct(200)).details_header("x-details");
    let spec = EnvoySpec { concurrency: 4, ..EnvoySpec::default() }.cluster("id", provider.address()).listener(listener);
    Envoy::start(&spec).unwrap()
}

fn configuration(issuer: &str) -> Value {
    let cache_duration = format!("{}s", CACHE_DURATION.as_secs());
    let discovery = json!({ "cluster": "id", "cache_duration": cache_duration, "refetch_interval": "1s" });
    let mut remote_jwks = discovery.clone();
    remote_jwks.as_object_mut().unwrap().insert("uri".to_owned(), json!(format!("{issuer}/jwks")));
    let provider = |audience: &str, source: &str, keys: Value| json!({ "issuer": issuer, "audiences": [audience], "required_typ": "at+jwt", source: keys });
    let rule =
        |name: &str, (path, _): Api| json!({ "name": name, "match": { "paths": [path] }, "requires": { "provider_name": name } });
    json!({
        "version": 1,
        "providers": {
            "discovered": provider(ORDERS, "discovery", discovery),
            "fetched": provider(BILLING, "remote_jwks", remote_jwks),
        },
        "rules": [rule("discovered", BY_DISCOVERY), rule("fetched", BY_URI)],
    })
}

fn answer(envoy: &Envoy, path: &str, token: Option<&str>) -> (u16, String) {
    let request =
        token.into_iter().fold(Request::get(path), |request, token| request.header("authorization", format!("Bearer {token}")));
    let response = envoy.send("main", &request).unwrap();
    (response.status, response.header("x-details").unwrap_or_default())
}

fn refused(status: u16, reason: &str) -> (u16, String) {
    (status, format!("portcullis_{reason}"))
}

#[test]
#[ignore = "needs Node.js: `make test-idp` runs it"]
fn tokens_of_a_real_provider_pass_where_they_are_meant_to() {
    let provider = IdentityProvider::start().unwrap();
    let envoy = start(&provider);
    for (path, resource) in [BY_DISCOVERY, BY_URI] {
        let token = provider.client().token(resource).unwrap();
        assert_eq!(answer(&envoy, path, Some(&token)).0, 200, "{path}");
        assert_eq!(answer(&envoy, path, None), refused(401, "jwt_missing"), "{path}");
        let (head, _) = token.rsplit_once('.').unwrap();
        assert_eq!(answer(&envoy, path, Some(&format!("{head}.AAAA"))), refused(401, "jwt_signature"), "{path}");
    }
    for ((path, _), (_, resource)) in [(BY_DISCOVERY, BY_URI), (BY_URI, BY_DISCOVERY)] {
        let token = provider.client().token(resource).unwrap();
        assert_eq!(answer(&envoy, path, Some(&token)), refused(401, "jwt_audience"), "{path}");
    }
    assert_eq!(envoy.wasm_failures().unwrap(), Vec::<String>::new());
}

#[test]
#[ignore = "needs Node.js: `make test-idp` runs it"]
fn keys_rotate_and_only_tokens_of_removed_keys_are_refused() {
    const ROTATIONS: usize = 3;
    let mut provider = IdentityProvider::start().unwrap();
    let envoy = start(&provider);
    let client = provider.client();
    let done = AtomicBool::new(false);
    let counts = thread::scope(|scope| {
        let (done, envoy, client) = (&done, &envoy, &client);
        let users = [BY_DISCOVERY, BY_URI, BY_DISCOVERY, BY_URI];
        let users = users.map(|api| scope.spawn(move || Usage::until(done, envoy, client, api)));
        for _ in 0..ROTATIONS {
            rotate(&mut provider, envoy);
        }
        done.store(true, Ordering::Relaxed);
        users.map(|user| user.join().unwrap())
    });
    let total = counts.into_iter().fold(Usage::default(), Usage::plus);
    println!(
        "{ROTATIONS} rotations: {} requests with {} tokens, {} wrongly refused, the longest wait {} ms",
        total.requests,
        total.tokens,
        total.refused.len(),
        total.longest.as_millis(),
    );
    assert_eq!(total.refused, Vec::new());
    assert_eq!(envoy.wasm_failures().unwrap(), Vec::<String>::new());
}

/// New keys sign, the old ones go a while later, and so do what they have signed.
fn rotate(provider: &mut IdentityProvider, envoy: &Envoy) {
    let old = [BY_DISCOVERY, BY_URI].map(|(path, resource)| (path, provider.client().token(resource).unwrap()));
    assert_eq!(provider.rotate().unwrap(), 4);
    thread::sleep(CACHE_DURATION);
    for (path, token) in &old {
        assert_eq!(answer(envoy, path, Some(token)).0, 200, "{path}: the old key is still published");
    }
    assert_eq!(provider.retire().unwrap(), 2);
    let removed = Instant::now();
    for (path, token) in &old {
        let last =
            eventually(CACHE_DURATION * 2, || Ok(Some(answer(envoy, path, Some(token))).filter(|(status, _)| *status != 200)));
        assert_eq!(last.unwrap().unwrap(), refused(401, "jwt_unknown_key"), "{path}");
        println!("{path}: a token of the removed key is refused after {} ms", removed.elapsed().as_millis());
    }
}

/// What a user of an API lives through, who gets a token, uses it a few times, and gets the next one.
#[derive(Debug, Default)]
struct Usage {
    requests: usize,
    tokens: usize,
    refused: Vec<(u16, String)>,
    longest: Duration,
}

impl Usage {
    fn until(done: &AtomicBool, envoy: &Envoy, client: &TokenClient, (path, resource): Api) -> Self {
        let mut usage = Self::default();
        while !done.load(Ordering::Relaxed) {
            let token = client.token(resource).unwrap();
            usage.tokens += 1;
            for _ in 0..5 {
                usage.send(envoy, path, &token);
                thread::sleep(Duration::from_millis(10));
            }
        }
        usage
    }

    fn send(&mut self, envoy: &Envoy, path: &str, token: &str) {
        let began = Instant::now();
        let answer = answer(envoy, path, Some(token));
        self.longest = self.longest.max(began.elapsed());
        self.requests += 1;
        self.refused.extend(Some(answer).filter(|(status, _)| *status != 200));
    }

    fn plus(mut self, other: Self) -> Self {
        self.refused.extend(other.refused);
        Self {
            requests: self.requests + other.requests,
            tokens: self.tokens + other.tokens,
            refused: self.refused,
            longest: self.longest.max(other.longest),
        }
    }
}
