//! The harness on a real Envoy, without a plugin.

#![expect(clippy::unwrap_used, reason = "a helper of tests")]

use std::path::Path;
use std::time::Duration;

use portcullis_e2e::envoy::is_installed;
use portcullis_e2e::filters::{JwtAuthn, jwt_authn_filter};
use portcullis_e2e::{Client, Envoy, EnvoySpec, Error, Listener, Request, Route, Seen, Server, echo, eventually};
use serde_json::json;

/// The public key of RFC 7517 appendix A.1.
const JWKS: &str = r#"{"keys":[{"kty":"EC","crv":"P-256","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
    "y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"}]}"#;

struct World {
    envoy: Envoy,
    upstream: Server,
}

impl World {
    fn start() -> Self {
        let upstream = echo::start().unwrap();
        let token_check = jwt_authn_filter(&JwtAuthn { issuer: "https://issuer.test", jwks: JWKS, cache: false });
        let format = "%RESPONSE_CODE% %RESPONSE_CODE_DETAILS% %PATH(WQ)%";
        let spec = EnvoySpec { concurrency: 2, ..EnvoySpec::default() }
            .cluster("echo", upstream.address())
            .listener(Listener::new("plain").connection_manager("use_remote_address", json!(true)))
            .listener(Listener::new("guarded").filter(token_check).access_log(format).details_header("x-details"))
            .listener(Listener::new("direct").route(Route::Direct(204)));
        Self { envoy: Envoy::start(&spec).unwrap(), upstream }
    }

    fn see(&self, request: &Request) -> Seen {
        let response = self.envoy.send("plain", request).unwrap();
        assert_eq!(response.status, 200, "{}", response.text());
        Seen::of(&response).unwrap()
    }
}

#[test]
fn the_upstream_sees_the_very_bytes_of_a_header() {
    if !is_installed().unwrap() {
        return;
    }
    let world = World::start();
    let seen = world.see(&Request::get("/a?b=c").header("x-a", b"\xff\xfe").header("x-a", "2").header("x-empty", ""));
    assert_eq!((&*seen.method, &*seen.path), (&b"GET"[..], &b"/a?b=c"[..]));
    assert_eq!(seen.headers.all("x-a").collect::<Vec<_>>(), [&b"\xff\xfe"[..], b"2"]);
    assert_eq!(seen.headers.first("x-empty"), Some(&b""[..]));
    assert_eq!(seen.headers.all("x-forwarded-for").count(), 1);
}

#[test]
fn the_upstream_sees_the_raw_path() {
    if !is_installed().unwrap() {
        return;
    }
    let world = World::start();
    for path in ["//a/../b/./c", "/a%2f%2e%2e%2Fb;x=y", "/a\\b", "/%00%ff"] {
        assert_eq!(world.see(&Request::get(path)).path, path.as_bytes());
    }
    assert_eq!(world.envoy.send("plain", &Request::get("/a#b")).unwrap().status, 400);
}

#[test]
fn bodies_and_trailers_pass() {
    if !is_installed().unwrap() {
        return;
    }
    let world = World::start();
    assert_eq!(world.see(&Request::new("POST", "/").body(b"\x00\xff")).body, b"\x00\xff");
    let chunked = Request::new("POST", "/").chunked(["one ", "two"]).trailer("x-t", "1");
    assert_eq!(world.see(&chunked).body, b"one two");
    let mut client = world.envoy.connect("plain").unwrap();
    let paced = client.send_paced(&chunked, Duration::from_millis(5)).unwrap();
    assert_eq!(Seen::of(&paced).unwrap().body, b"one two");
    assert_eq!(client.send(&Request::new("HEAD", "/")).unwrap().body, b"");
    assert_eq!(client.send(&Request::get("/").header(echo::STATUS, "503")).unwrap().status, 503);
}

#[test]
fn a_native_filter_refuses_and_says_why() {
    if !is_installed().unwrap() {
        return;
    }
    let World { envoy, upstream } = World::start();
    let refused = envoy.send("guarded", &Request::get("/orders?a=b")).unwrap();
    assert_eq!(refused.status, 401);
    assert_eq!(refused.text(), "Jwt is missing");
    assert_eq!(refused.header("x-details").as_deref(), Some("jwt_authn_access_denied{Jwt_is_missing}"));
    let line = eventually(Duration::from_secs(5), || Ok(Some(envoy.access_log()?).filter(|log| !log.is_empty()))).unwrap();
    assert_eq!(line.as_deref(), Some("401 jwt_authn_access_denied{Jwt_is_missing} /orders?a=b\n"));
    assert_eq!((upstream.connections(), upstream.requests()), (0, 0));
}

#[test]
fn statistics_time_and_memory_can_be_read() {
    if !is_installed().unwrap() {
        return;
    }
    let World { envoy, .. } = World::start();
    assert_eq!(envoy.send("direct", &Request::get("/")).unwrap().status, 204);
    assert_eq!(envoy.stats().unwrap().get("http.direct.downstream_rq_2xx"), Some(&1));
    assert!(envoy.worker_time().unwrap() > Duration::ZERO);
    assert!(envoy.cpu_time().unwrap() > envoy.worker_time().unwrap());
    assert!(envoy.memory_kib().unwrap() > 10_000);
    assert_eq!(envoy.wasm_failures().unwrap(), Vec::<String>::new());
}

#[test]
fn a_broken_configuration_is_refused_with_envoys_words() {
    if !is_installed().unwrap() {
        return;
    }
    let spec = EnvoySpec::default().listener(Listener::new("a").route(Route::Direct(200)));
    Envoy::validate(&spec.bootstrap()).unwrap();
    let broken = spec.listener(Listener::new("b").connection_manager("no_such_field", json!(1)));
    let Err(Error::Refused(log)) = Envoy::validate(&broken.bootstrap()) else { panic!("accepted") };
    assert!(log.contains("no_such_field"), "{log}");
    let Err(Error::Stopped { log, .. }) = Envoy::start(&broken) else { panic!("started") };
    assert!(log.contains("no_such_field"), "{log}");
}

#[test]
fn stops_when_dropped() {
    if !is_installed().unwrap() {
        return;
    }
    let envoy = Envoy::start(&EnvoySpec::default().listener(Listener::new("a").route(Route::Direct(200)))).unwrap();
    let (pid, address) = (envoy.pid(), envoy.listener_addr("a").unwrap());
    assert!(Path::new(&format!("/proc/{pid}")).exists());
    drop(envoy);
    assert!(!Path::new(&format!("/proc/{pid}")).exists());
    assert!(Client::connect(address).is_err());
}
