//! Numbers, named as in cel-go.

use super::{Group, functions};

pub(super) const GROUP: Group = Group {
    title: "Numbers",
    doc: "",
    functions: functions! {
        "math.greatest" Elements: ["math.greatest(list(N)) -> N", "math.greatest(N...) -> N"], "The greatest of the numbers.", ["math.greatest(1, 3, 2)" => "3", "math.greatest([1.5, 2.5])" => "2.5"];
        "math.least" Elements: ["math.least(list(N)) -> N", "math.least(N...) -> N"], "The least of the numbers.", ["math.least(1, 3, 2)" => "1"];
        "math.abs" Fixed: ["math.abs(N) -> N"], "Without its sign.", ["math.abs(-2)" => "2"];
        "math.sign" Fixed: ["math.sign(N) -> N"], "-1, 0 or 1.", ["math.sign(-2.5)" => "-1.0"];
        "math.ceil" Fixed: ["math.ceil(double) -> double"], "Rounded up.", ["math.ceil(1.2)" => "2.0"];
        "math.floor" Fixed: ["math.floor(double) -> double"], "Rounded down.", ["math.floor(1.8)" => "1.0"];
        "math.round" Fixed: ["math.round(double) -> double"], "Rounded to the nearest, halves away from zero.", ["math.round(1.5)" => "2.0"];
        "math.trunc" Fixed: ["math.trunc(double) -> double"], "Rounded towards zero.", ["math.trunc(-1.8)" => "-1.0"];
        "math.sqrt" Fixed: ["math.sqrt(N) -> double"], "The square root.", ["math.sqrt(81)" => "9.0"];
        "math.isNaN" Fixed: ["math.isNaN(double) -> bool"], "Whether it is no number.", ["math.isNaN(0.0 / 0.0)" => "true"];
        "math.isInf" Fixed: ["math.isInf(double) -> bool"], "Whether it is infinite.", ["math.isInf(1.0 / 0.0)" => "true"];
        "math.isFinite" Fixed: ["math.isFinite(double) -> bool"], "Whether it is neither.", ["math.isFinite(1.5)" => "true"];
        "math.bitAnd" Fixed: ["math.bitAnd(int, int) -> int", "math.bitAnd(uint, uint) -> uint"], "The bits that both have.", ["math.bitAnd(6, 3)" => "2"];
        "math.bitOr" Fixed: ["math.bitOr(int, int) -> int", "math.bitOr(uint, uint) -> uint"], "The bits that one of them has.", ["math.bitOr(6, 3)" => "7"];
        "math.bitXor" Fixed: ["math.bitXor(int, int) -> int", "math.bitXor(uint, uint) -> uint"], "The bits that exactly one of them has.", ["math.bitXor(6, 3)" => "5"];
        "math.bitNot" Fixed: ["math.bitNot(int) -> int", "math.bitNot(uint) -> uint"], "The bits that it does not have.", ["math.bitNot(1)" => "-2"];
        "math.bitShiftLeft" Fixed: ["math.bitShiftLeft(int, int) -> int", "math.bitShiftLeft(uint, int) -> uint"], "Shifted left; by 64 or more: 0.", ["math.bitShiftLeft(1, 3)" => "8"];
        "math.bitShiftRight" Fixed: ["math.bitShiftRight(int, int) -> int", "math.bitShiftRight(uint, int) -> uint"], "Shifted right, with zeros from the left.", ["math.bitShiftRight(8, 2)" => "2"];
    },
};
