use super::*;

fn request<'a>(descriptors: &[(&[(&'a str, &'a str)], u64)]) -> RateLimitRequest<'a> {
    let descriptors = descriptors.iter().map(|(entries, hits)| Descriptor { entries: entries.to_vec(), hits: *hits });
    RateLimitRequest { domain: "shop", descriptors: descriptors.collect() }
}

#[test]
fn a_question_has_a_domain_and_descriptors_in_order_and_hits() {
    let request = request(&[(&[("key", "k1"), ("path", "/a")], 3), (&[("all", "")], 3)]);
    let expected = b"\x0a\x04shop\
        \x12\x17\x0a\x09\x0a\x03key\x12\x02k1\x0a\x0a\x0a\x04path\x12\x02/a\
        \x12\x09\x0a\x07\x0a\x03all\x12\x00\
        \x18\x03";
    assert_eq!(request.encode(), expected, "{}", request.encode().escape_ascii());
}

#[test]
fn descriptors_that_cost_differently_say_so_and_old_services_charge_the_dearest() {
    let request = request(&[(&[("a", "b")], 1), (&[("a", "b")], 5), (&[("a", "b")], 0)]);
    let expected = b"\x0a\x04shop\
        \x12\x0c\x0a\x06\x0a\x01a\x12\x01b\x1a\x02\x08\x01\
        \x12\x08\x0a\x06\x0a\x01a\x12\x01b\
        \x12\x0c\x0a\x06\x0a\x01a\x12\x01b\x1a\x02\x08\x00\
        \x18\x05";
    assert_eq!(request.encode(), expected, "{}", request.encode().escape_ascii());
}

#[test]
fn no_charge_is_more_than_the_service_takes() {
    assert_eq!(request(&[(&[], u64::MAX)]).encode(), request(&[(&[], HITS_MAX)]).encode());
}
