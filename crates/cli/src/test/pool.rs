//! Work on all cores, whose results come in order.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;

/// Does `work` with each of `items` on `jobs` threads, and `done` with each result, in the order of `items`, as soon as that can be.
pub(crate) fn in_order<'i, T: Sync, R: Send>(
    items: &'i [T],
    jobs: usize,
    work: impl Fn(&'i T) -> R + Sync,
    mut done: impl FnMut(R),
) {
    let next = AtomicUsize::new(0);
    let (sender, receiver) = mpsc::channel();
    thread::scope(|scope| {
        for _ in 0..jobs.clamp(1, items.len().max(1)) {
            let (sender, next, work) = (sender.clone(), &next, &work);
            scope.spawn(move || {
                while let Some((number, item)) = take(items, next) {
                    if sender.send((number, work(item))).is_err() {
                        return;
                    }
                }
            });
        }
        drop(sender);
        let (mut early, mut due) = (BTreeMap::new(), 0);
        for (number, result) in receiver {
            early.insert(number, result);
            while let Some(result) = early.remove(&due) {
                done(result);
                due += 1;
            }
        }
    });
}

fn take<'i, T>(items: &'i [T], next: &AtomicUsize) -> Option<(usize, &'i T)> {
    let number = next.fetch_add(1, Ordering::Relaxed);
    items.get(number).map(|item| (number, item))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn results_come_in_order_whoever_is_ready_first() {
        let mut seen = Vec::new();
        let work = |number: &u64| {
            thread::sleep(Duration::from_millis(8 - number));
            number * 2
        };
        in_order(&[0, 1, 2, 3, 4, 5, 6, 7], 4, work, |result| seen.push(result));
        assert_eq!(seen, [0, 2, 4, 6, 8, 10, 12, 14]);
    }

    #[test]
    fn nothing_is_no_work() {
        in_order(&[] as &[u8], 4, |_| panic!("nothing to do"), |()| panic!("nothing done"));
    }
}
