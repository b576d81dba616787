//! Counters of the engine in a Redis of the tests, where there is one: `limitador`'s own storage for it needs TLS of the system.

use std::collections::HashSet;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use limitador::counter::Counter;
use limitador::limit::Limit;
use limitador::storage::{Authorization, CounterStorage, StorageErr};
use portcullis_e2e::eventually;

/// A server that ends with this.
pub(crate) struct Redis {
    process: Child,
    port: u16,
}

impl Redis {
    /// `None` where `redis-server` is not installed.
    pub(crate) fn start() -> Option<Self> {
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
        let arguments = ["--bind", "127.0.0.1", "--port", &port.to_string(), "--save", "", "--appendonly", "no"];
        let process = Command::new("redis-server").args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).spawn().ok()?;
        Some(Self { process, port })
    }

    /// A client's counters in it.
    pub(crate) fn counters(&self) -> Counters {
        let connect = || Ok(TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).ok());
        let stream = eventually(Duration::from_secs(60), connect).unwrap().unwrap();
        Counters(Mutex::new(BufReader::new(stream)))
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// What each key has spent; `ARGV` is what is to be added, then the most and the window of each. Answers whether all fit, and what was
/// spent before.
const CHECK_AND_UPDATE: &str = "
    local fits, spent = 1, {}
    for i, key in ipairs(KEYS) do
        spent[i] = tonumber(redis.call('GET', key) or '0')
        if spent[i] + ARGV[1] > tonumber(ARGV[2 * i]) then fits = 0 end
    end
    for i, key in ipairs(KEYS) do
        if fits == 1 and redis.call('INCRBY', key, ARGV[1]) == tonumber(ARGV[1]) then redis.call('PEXPIRE', key, ARGV[2 * i + 1]) end
    end
    return { fits, unpack(spent) }
";

/// Counters, by `CHECK_AND_UPDATE` alone: the engine asks for nothing else here, and would be refused.
pub(crate) struct Counters(Mutex<BufReader<TcpStream>>);

impl Counters {
    /// Numbers, whatever was asked.
    fn ask(&self, command: &[String]) -> Vec<u64> {
        let mut connection = self.0.lock().unwrap();
        let words = command.iter().map(|word| format!("${}\r\n{word}\r\n", word.len()));
        let request = format!("*{}\r\n{}", command.len(), words.collect::<String>());
        connection.get_mut().write_all(request.as_bytes()).unwrap();
        let mut number = || {
            let mut line = String::new();
            connection.by_ref().read_line(&mut line).unwrap();
            line.trim_end().split_at(1).1.parse::<u64>().unwrap()
        };
        let count = number();
        (0..count).map(|_| number()).collect()
    }
}

impl CounterStorage for Counters {
    fn check_and_update(&self, counters: &mut Vec<Counter>, delta: u64) -> Result<Authorization, StorageErr> {
        let key = |counter: &Counter| format!("{}:{:?}", counter.namespace().as_ref(), counter.set_variables());
        let terms = |counter: &Counter| [counter.max_value().to_string(), counter.window().as_millis().to_string()];
        let mut command = vec!["EVAL".to_owned(), CHECK_AND_UPDATE.to_owned(), counters.len().to_string()];
        command.extend(counters.iter().map(key));
        command.push(delta.to_string());
        command.extend(counters.iter().flat_map(terms));
        let answer = self.ask(&command);
        for (counter, spent) in counters.iter_mut().zip(&answer[1..]) {
            counter.set_remaining(counter.max_value().saturating_sub(*spent));
            counter.set_expires_in(counter.window());
        }
        Ok(if answer[0] == 1 { Authorization::Ok } else { Authorization::Limited(None) })
    }

    fn add_counter(&self, _limit: &Limit) -> Result<(), StorageErr> {
        Ok(())
    }

    fn is_within_limits(&self, _counter: &Counter, _delta: u64) -> Result<bool, StorageErr> {
        Ok(false)
    }

    fn update_counter(&self, _counter: &Counter, _delta: u64) -> Result<(), StorageErr> {
        Ok(())
    }

    fn check(&self, _counters: &mut Vec<Counter>, _delta: u64) -> Result<Authorization, StorageErr> {
        Ok(Authorization::Limited(None))
    }

    fn get_counters(&self, _limits: &HashSet<Arc<Limit>>) -> Result<HashSet<Counter>, StorageErr> {
        Ok(HashSet::new())
    }

    fn delete_counters(&self, _limits: &HashSet<Arc<Limit>>) -> Result<(), StorageErr> {
        Ok(())
    }

    fn clear(&self) -> Result<(), StorageErr> {
        Ok(())
    }
}
