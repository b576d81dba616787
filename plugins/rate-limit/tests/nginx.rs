//! The same arrivals at a real nginx (`limit_req rate=10r/s burst=20 nodelay`) and at the plugin. Without nginx on the path (Debian:
//! `nginx`; `PORTCULLIS_NGINX` names another one) it says that it is skipped.
#![expect(clippy::expect_used, clippy::panic, reason = "test code, never in a proxy: a panic is a failed test")]

use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use portcullis_host::{Options, Outcome, Proxy, Request};
use rate_limit::RateLimit;

/// When how many requests arrive. Units come back each 100 ms; the first gap makes every later arrival come half way between two of
/// them, so that a few ms change no verdict. It is never so quiet that the burst is whole again.
const ARRIVALS: [(u64, usize); 14] = [
    (0, 25),
    (150, 3),
    (350, 1),
    (450, 4),
    (1050, 2),
    (1450, 12),
    (1550, 0),
    (1650, 5),
    (2250, 1),
    (2850, 1),
    (3250, 30),
    (3350, 1),
    (3450, 1),
    (4950, 20),
];

/// How late an arrival may be; a machine that is slower shows nothing.
const SLACK: Duration = Duration::from_millis(40);

/// How often a slow machine tries again.
const TRIES: usize = 5;

struct Nginx {
    process: Child,
    address: SocketAddr,
}

impl Nginx {
    fn start(binary: &Path) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("nginx-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder");
        let free = TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr()).expect("a free port");
        let paths =
            ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(|kind| format!("{kind}_temp_path {kind};\n")).concat();
        let http = format!(
            "access_log off; {paths} limit_req_status 429;\n\
             limit_req_zone $binary_remote_addr zone=each:1m rate=10r/s;\n\
             server {{ listen {free}; location / {{ limit_req zone=each burst=20 nodelay; error_page 404 = @ok; }}\n\
             location @ok {{ return 204; }} }}"
        );
        let config = format!("daemon off; master_process off; pid nginx.pid; events {{}} http {{ {http} }}");
        fs::write(folder.join("nginx.conf"), config).expect("its configuration");
        let mut command = Command::new(binary);
        command.arg("-p").arg(&folder).args(["-c", "nginx.conf", "-e", "stderr"]).stderr(Stdio::null());
        let nginx = Self { process: command.spawn().expect("nginx starts"), address: free };
        let begin = Instant::now();
        while TcpStream::connect(free).is_err() {
            assert!(begin.elapsed() < Duration::from_secs(10), "nginx does not listen");
            thread::sleep(Duration::from_millis(10));
        }
        nginx
    }

    /// Whether it admits a request.
    fn admits(&self) -> bool {
        let mut connection = TcpStream::connect(self.address).expect("nginx listens");
        connection.write_all(b"GET /x HTTP/1.0\r\n\r\n").expect("it is sent");
        let mut answer = String::new();
        connection.read_to_string(&mut answer).expect("nginx answers");
        match answer.split(' ').nth(1) {
            Some("204") => true,
            Some("429") => false,
            _ => panic!("{answer}"),
        }
    }

    /// Its verdicts; none where an arrival was late.
    fn verdicts(&self) -> Option<Vec<bool>> {
        let begin = Instant::now();
        let mut verdicts = Vec::new();
        for (at, count) in ARRIVALS {
            let at = Duration::from_millis(at);
            thread::sleep(at.saturating_sub(begin.elapsed()));
            verdicts.extend((0..count).map(|_| self.admits()));
            if begin.elapsed() > at + SLACK {
                return None;
            }
        }
        Some(verdicts)
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn binary() -> Option<PathBuf> {
    let named = std::env::var_os("PORTCULLIS_NGINX").map(PathBuf::from);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let known = std::env::split_paths(&path).chain(["/usr/sbin".into()]).map(|folder| folder.join("nginx"));
    named.into_iter().chain(known).find(|path| path.is_file())
}

fn ours() -> Vec<bool> {
    let config = br#"{"version": 1, "limits": [{"name": "each", "key": ["ip_prefix(source.ip, 32, 128)"], "quota": 10, "window": "1s", "burst": 20}]}"#;
    let mut proxy = Proxy::native::<RateLimit>(config, Options::default()).expect("the configuration is accepted");
    let head = [(":method", "GET"), (":path", "/x"), (":authority", "host"), (":scheme", "http")];
    let headers = head.map(|(name, value)| (name.as_bytes().to_vec(), value.as_bytes().to_vec()));
    let attributes = [(vec!["source".to_owned(), "address".to_owned()], b"127.0.0.1:1000".to_vec())];
    let request = Request { headers: headers.into(), attributes: attributes.into(), ..Request::default() };
    let mut verdicts = Vec::new();
    let mut now = 0;
    for (at, count) in ARRIVALS {
        proxy.advance(Duration::from_millis(at - now));
        now = at;
        for worker in 0..count {
            let stream = proxy.send(worker, request.clone());
            let Outcome::Done(exchange) = proxy.outcome(stream) else { panic!("held") };
            verdicts.push(exchange.reply.is_none());
        }
    }
    verdicts
}

#[test]
fn nginx_admits_the_same() {
    let Some(binary) = binary() else {
        let _ = std::io::stderr().write_all(b"skipped: there is no nginx\n");
        return;
    };
    let ours = ours();
    assert!(ours.contains(&true) && ours.contains(&false));
    // Another one each time: what is spent in a zone stays spent.
    let theirs = (0..TRIES).find_map(|_| Nginx::start(&binary).verdicts());
    match theirs {
        Some(theirs) => assert_eq!(ours, theirs),
        None => drop(std::io::stderr().write_all(b"skipped: the machine is too busy to be on time\n")),
    }
}
