use super::*;

#[test]
fn finds_a_failed_vm_in_the_log() {
    let traps = "[2026-01-01 00:00:00.000][7][error][wasm] [source/extensions/common/wasm/wasm_vm.cc:38] \
                 Function: proxy_on_request_headers failed: Uncaught RuntimeError: unreachable";
    assert!(is_failure(traps));
    assert!(!is_failure("[…][info][wasm] [source/…:1151] wasm log jwt_auth jwt_auth: {\"reason\":\"jwt_expired\"}"));
}

#[test]
fn strips_the_prefix_of_a_plugins_message() {
    let line =
        "[2026-01-01 00:00:00.000][7][info][wasm] [source/extensions/common/wasm/context.cc:1151] wasm log a v: {\"b\": 1}";
    assert_eq!(plugin_message(line), Some("{\"b\": 1}"));
    assert_eq!(plugin_message("boom 1"), None);
}

#[test]
fn keeps_numbers_and_leaves_out_histograms() {
    assert_eq!(stat("http.a.downstream_rq_2xx: 12"), Some(("http.a.downstream_rq_2xx".to_owned(), 12)));
    assert_eq!(stat("http.a.downstream_rq_time: P0(nan,0) P25(nan,0)"), None);
}
