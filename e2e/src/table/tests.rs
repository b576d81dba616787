use super::*;

fn row(status: u16, expected_reason: Option<&str>) -> Row {
    Row {
        request: "GET /orders, token erwünscht".to_owned(),
        expected: 401,
        status,
        reason: "portcullis_jwt_missing".to_owned(),
        expected_reason: expected_reason.map(str::to_owned),
    }
}

#[test]
fn aligns_its_columns_and_marks_what_differs() {
    let mut table = Table::default();
    table.push(row(401, Some("jwt_missing")));
    assert_eq!(table.exit_code(), ExitCode::SUCCESS);
    table.push(row(200, None));
    assert_eq!(table.exit_code(), ExitCode::FAILURE);
    let expected = "\
\x20  request                       expected  answer  why
✓  GET /orders, token erwünscht  401       401     portcullis_jwt_missing
✗  GET /orders, token erwünscht  401       200     portcullis_jwt_missing

1 of 2 as expected
";
    assert_eq!(table.to_string(), expected);
}

#[test]
fn the_right_status_for_another_reason_differs() {
    assert!(!row(401, Some("jwt_expired")).holds());
}
