//! Instants and durations.

use super::{Group, functions};

pub(super) const GROUP: Group = Group {
    title: "Time",
    doc: "An instant is read in UTC unless a time zone is given: a name of the IANA database, or an offset such as `+02:00`.",
    functions: functions! {
        "timestamp" Fixed: ["timestamp(string) -> timestamp", "timestamp(int) -> timestamp", "timestamp(timestamp) -> timestamp"], "The instant that the text spells (RFC 3339), or of so many seconds since 1970.", ["timestamp(\"2026-01-01T00:00:00Z\") < request.time" => "true"];
        "duration" Fixed: ["duration(string) -> duration", "duration(duration) -> duration"], "The duration that the text spells: `h`, `m`, `s`, `ms`, `us`, `ns`.", ["duration(\"1h30m\") > duration(\"60m\")" => "true"];
        "getFullYear" Fixed: ["timestamp.getFullYear() -> int", "timestamp.getFullYear(string) -> int"], "The year.", ["request.time.getFullYear()" => "2026"];
        "getMonth" Fixed: ["timestamp.getMonth() -> int", "timestamp.getMonth(string) -> int"], "The month from 0.", ["request.time.getMonth()" => "0"];
        "getDate" Fixed: ["timestamp.getDate() -> int", "timestamp.getDate(string) -> int"], "The day of the month from 1.", ["request.time.getDate()" => "1"];
        "getDayOfMonth" Fixed: ["timestamp.getDayOfMonth() -> int", "timestamp.getDayOfMonth(string) -> int"], "The day of the month from 0.", ["request.time.getDayOfMonth()" => "0"];
        "getDayOfWeek" Fixed: ["timestamp.getDayOfWeek() -> int", "timestamp.getDayOfWeek(string) -> int"], "The day of the week; Sunday is 0.", ["request.time.getDayOfWeek()" => "4"];
        "getDayOfYear" Fixed: ["timestamp.getDayOfYear() -> int", "timestamp.getDayOfYear(string) -> int"], "The day of the year from 0.", ["request.time.getDayOfYear()" => "0"];
        "getHours" Fixed: ["timestamp.getHours() -> int", "timestamp.getHours(string) -> int", "duration.getHours() -> int"], "The hour of the day; of a duration all its hours.", ["request.time.getHours(\"+02:00\")" => "14", "duration(\"90m\").getHours()" => "1"];
        "getMinutes" Fixed: ["timestamp.getMinutes() -> int", "timestamp.getMinutes(string) -> int", "duration.getMinutes() -> int"], "The minute of the hour; of a duration all its minutes.", ["duration(\"90m\").getMinutes()" => "90"];
        "getSeconds" Fixed: ["timestamp.getSeconds() -> int", "timestamp.getSeconds(string) -> int", "duration.getSeconds() -> int"], "The second of the minute; of a duration all its seconds.", ["duration(\"1m1s\").getSeconds()" => "61"];
        "getMilliseconds" Fixed: ["timestamp.getMilliseconds() -> int", "timestamp.getMilliseconds(string) -> int", "duration.getMilliseconds() -> int"], "The milliseconds beyond the second.", ["timestamp(\"2026-01-01T00:00:00.250Z\").getMilliseconds()" => "250"];
    },
};
