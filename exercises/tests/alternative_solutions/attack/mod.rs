//! Alternative attack schedules, different from those of the solutions, also break the systems.

use quorate_exercises::course::find;
use quorate_exercises::grade::attack::attack;
use quorate_exercises::grading::{Grading, GradingVerdict};

/// Exercises with their schedules.
const SCHEDULES: &[(&str, &str)] = &[
    ("attack-two-values", include_str!("slow-letters.scenario")),
    ("attack-two-primaries", include_str!("kept-back.scenario")),
    ("attack-two-leaders", include_str!("two-rounds.scenario")),
    ("attack-clock-jump", include_str!("shut-out.scenario")),
    ("attack-forgetful-fence", include_str!("asleep.scenario")),
    ("attack-two-outcomes", include_str!("unheard.scenario")),
    ("attack-torn-order", include_str!("second-order.scenario")),
    ("attack-old-value", include_str!("heard-late.scenario")),
];

#[test]
fn every_schedule_breaks_its_system() {
    for (id, text) in SCHEDULES {
        let outcome = attack(find(id).expect("the course has it"), text, &mut Grading::new(1));
        assert_eq!(outcome.verdict, GradingVerdict::Passed, "{id}");
    }
}
