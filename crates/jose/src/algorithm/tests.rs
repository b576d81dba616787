use super::*;

#[test]
fn reads_every_name_back() {
    for algorithm in Algorithm::ALL {
        assert_eq!(algorithm.to_string().parse(), Ok(algorithm));
    }
}

#[test]
fn takes_no_name_that_is_not_exact() {
    for name in ["none", "None", "NONE", "nOnE", "", "rs256", "RS256 ", " RS256", "ES256K", "Ed25519", "eddsa", "HS1", "RS1"] {
        assert_eq!(name.parse::<Algorithm>(), Err(UnknownAlgorithm), "{name}");
    }
}

#[test]
fn the_asymmetric_set_leaves_out_hmac_alone() {
    for algorithm in Algorithm::ALL {
        assert_eq!(Algorithms::ALL_ASYMMETRIC.contains(algorithm), !algorithm.name().starts_with("HS"), "{algorithm}");
        assert_eq!(algorithm.is_symmetric(), algorithm.name().starts_with("HS"), "{algorithm}");
    }
}

#[test]
fn a_set_contains_what_it_was_made_of() {
    let set: Algorithms = [Algorithm::RS256, Algorithm::HS512].into_iter().collect();
    let found: Vec<_> = Algorithm::ALL.into_iter().filter(|algorithm| set.contains(*algorithm)).collect();
    assert_eq!(found, [Algorithm::RS256, Algorithm::HS512]);
    assert!(set.any_symmetric());
    assert!(!Algorithms::ALL_ASYMMETRIC.any_symmetric());
}

#[test]
fn digests_have_the_length_they_announce() {
    for hash in [Hash::Sha256, Hash::Sha384, Hash::Sha512] {
        assert_eq!(hash.digest(&[b"a", b"b"]), hash.digest(&[b"ab"]));
        assert_eq!(hash.digest(&[]).len(), hash.length());
    }
}
