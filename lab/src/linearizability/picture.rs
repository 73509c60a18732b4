//! Verdicts as text diagrams: the calls of every client in lanes, the order that explains them, and
//! the answer that has no explanation.

use std::collections::BTreeSet;
use std::fmt::Write;

use quorate_protocol::ClientId;
use unicode_width::UnicodeWidthStr;

use super::{Call, CallId, CallOutcome, Cost, History, Model, Refutation, Report, Verdict};

/// A call in an order, and the object's state after it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Step<S> {
    /// The call.
    pub call: CallId,
    /// The state of the call's object after it.
    pub state: S,
}

/// The effect of an order on the objects, step by step. Only the first `prefix` events count: calls
/// answered later may have returned anything. It ends early at a call that the model does not allow
/// there.
pub fn steps<M: Model>(model: &M, history: &History<M>, order: &[CallId], prefix: usize) -> Vec<Step<M::State>> {
    let mut states = std::collections::BTreeMap::new();
    let step = |id: &CallId| {
        let call = history.call(*id);
        let key = model.key(&call.op);
        let state = states.entry(key).or_insert_with_key(|key| model.initial(key));
        *state = model.apply(state, &call.op, returned_before(call, prefix))?;
        Some(Step { call: *id, state: state.clone() })
    };
    order.iter().map_while(step).collect()
}

/// Renders a report as text, at most `columns` wide where the words allow it. For a refutation: the
/// lanes of the clients up to the answer that no order explains, marked `!`, and the last steps of
/// the order before it.
///
/// ```
/// use quorate_lab::linearizability::{History, Limits, check, render};
/// use quorate_lab::linearizability::file::JepsenRegister;
///
/// let file = "{:process 0, :type :invoke, :f :write, :value 1}
///             {:process 0, :type :ok,     :f :write, :value 1}
///             {:process 1, :type :invoke, :f :write, :value 2}
///             {:process 2, :type :invoke, :f :read,  :value nil}
///             {:process 2, :type :ok,     :f :read,  :value 2}
///             {:process 0, :type :invoke, :f :read,  :value nil}
///             {:process 0, :type :ok,     :f :read,  :value 1}
///             {:process 1, :type :ok,     :f :write, :value 2}";
/// let (history, register) = (History::read_jepsen(file.as_bytes())?, JepsenRegister::default());
/// let report = check(&register, &history, Limits::default());
/// let text = render(&register, &history, &report, 80);
/// assert!(text.starts_with("\
/// not linearizable: the first 6 of 8 events are, with the next they are not
///
///   c1  ├ write 1 ┤                ├ read → 1 ┤!
///   c2              ├ write 2 ─────────────────
///   c3                ├ read → 2 ┤
///
/// A valid order of the earlier calls:
///   write 1   c1  then the state is 1
///   write 2   c2  then the state is 2
///   read → 2  c3  then the state is 2
/// No order allows c1 the result read → 1.
/// "), "{text}");
/// # Ok::<(), quorate_lab::linearizability::file::ReadError>(())
/// ```
pub fn render<M: Model>(model: &M, history: &History<M>, report: &Report, columns: usize) -> String {
    let mut text = match &report.verdict {
        Verdict::Linearizable { order } => {
            format!("linearizable: there is a valid order of all {} calls\n", order.len())
        }
        Verdict::Unknown { stop, explained } => format!(
            "undecided: {stop} was reached before a verdict; {explained} of {} objects are linearizable\n",
            report.cost.objects
        ),
        Verdict::NotLinearizable(refutation) => Picture { model, history, refutation, columns }.text(),
    };
    let Cost { steps, configurations, objects, concurrency } = report.cost;
    let _ = writeln!(
        text,
        "objects: {objects}, maximum concurrency: {concurrency}, steps: {steps}, configurations: {configurations}"
    );
    text
}

/// Maximum number of steps of an order that are shown.
const STEPS_SHOWN: usize = 12;
/// Maximum width of a call's label.
const LABEL_COLUMNS: usize = 32;

struct Picture<'a, M: Model> {
    model: &'a M,
    history: &'a History<M>,
    refutation: &'a Refutation,
    columns: usize,
}

/// A drawn event.
#[derive(Clone, Copy)]
struct Mark {
    call: CallId,
    answer: bool,
}

/// The columns between which a call is drawn; it may extend beyond the edges.
struct Bar {
    call: CallId,
    from: Option<usize>,
    to: Option<usize>,
}

impl<M: Model> Picture<'_, M> {
    fn text(&self) -> String {
        let (prefix, all) = (self.refutation.prefix, self.history.events().len());
        let least = if self.refutation.exact { "" } else { "at least " };
        let mut text =
            format!("not linearizable: {least}the first {prefix} of {all} events are, with the next they are not\n");
        let Some(&culprit) = self.refutation.unplaced.first() else { return text };
        let about = self.model.called(&self.model.key(&self.history.call(culprit).op));
        if let Some(name) = &about {
            let _ = writeln!(text, "about {}", plain(name));
        }
        text.push('\n');
        self.lanes(&mut text, culprit);
        text.push('\n');
        self.order(&mut text);
        let client = self.history.call(culprit).client;
        let _ = writeln!(text, "No order allows {client} the result {}.", self.label(culprit));
        let waiting: Vec<_> = self.refutation.unplaced[1..].iter().map(|id| self.label(*id)).collect();
        if !waiting.is_empty() {
            let _ = writeln!(
                text,
                "Concurrent calls, none of which can explain it by taking effect: {}.",
                waiting.join(", ")
            );
        }
        text
    }

    fn order(&self, text: &mut String) {
        let steps = steps(self.model, self.history, &self.refutation.order, self.refutation.prefix);
        let shown = &steps[steps.len().saturating_sub(STEPS_SHOWN)..];
        let hidden = steps.len() - shown.len();
        text.push_str(match steps.is_empty() {
            true => "No earlier call took effect.\n",
            false => "A valid order of the earlier calls:\n",
        });
        if hidden > 0 {
            let _ = writeln!(text, "  ({hidden} earlier calls)");
        }
        let labels: Vec<_> = shown.iter().map(|step| self.label(step.call)).collect();
        let widest = labels.iter().map(|label| label.width()).max().unwrap_or(0);
        for (step, label) in shown.iter().zip(&labels) {
            let client = self.history.call(step.call).client;
            let pad = " ".repeat(widest - label.width());
            let state = plain(&self.model.show(&step.state));
            let _ = writeln!(text, "  {label}{pad}  {client}  then the state is {}", cut(&state, self.columns));
        }
    }

    /// Draws the lanes of all clients that act on the object, with as many of the last events as
    /// fit.
    fn lanes(&self, text: &mut String, culprit: CallId) {
        let marks = self.marks(culprit);
        let columns = self.columns.saturating_sub(10).max(LABEL_COLUMNS);
        let mut first = marks.len().saturating_sub(1);
        while first > 0 && self.layout(&marks[first - 1..]).1 <= columns {
            first -= 1;
        }
        let (bars, end) = self.layout(&marks[first..]);
        let clients: BTreeSet<ClientId> = bars.iter().map(|bar| self.history.call(bar.call).client).collect();
        for client in clients {
            let mut lane = String::new();
            for bar in bars.iter().filter(|bar| self.history.call(bar.call).client == client) {
                self.draw(&mut lane, bar, end, bar.call == culprit);
            }
            let _ = writeln!(text, "  {:<3} {}", client.to_string(), lane.trim_end());
        }
    }

    /// The events on the culprit's object, up to its answer.
    fn marks(&self, culprit: CallId) -> Vec<Mark> {
        let key = self.model.key(&self.history.call(culprit).op);
        let events = self.history.events().iter().enumerate().take(self.refutation.prefix + 1);
        let mine = events.filter(|(_, id)| {
            let call = self.history.call(**id);
            !matches!(call.outcome, CallOutcome::Fail) && self.model.key(&call.op) == key
        });
        mine.map(|(position, id)| Mark { call: *id, answer: self.history.call(*id).invoked.position != position })
            .collect()
    }

    /// Places the calls such that every label has room; returns also the column at which the
    /// diagram ends.
    fn layout(&self, marks: &[Mark]) -> (Vec<Bar>, usize) {
        let mut bars: Vec<Bar> = Vec::new();
        let mut column = 0;
        for (index, mark) in marks.iter().enumerate() {
            column += if index == 0 { 0 } else { 2 };
            match bars.iter_mut().find(|bar| bar.call == mark.call) {
                Some(bar) => {
                    column = column.max(bar.from.unwrap_or(0) + self.label(mark.call).width() + 3);
                    bar.to = Some(column);
                }
                None if mark.answer => {
                    column = column.max(self.label(mark.call).width() + 3);
                    bars.push(Bar { call: mark.call, from: None, to: Some(column) });
                }
                None => bars.push(Bar { call: mark.call, from: Some(column), to: None }),
            }
        }
        let open = bars.iter().filter(|bar| bar.to.is_none());
        let end = open.map(|bar| bar.from.unwrap_or(0) + self.label(bar.call).width() + 3).max().unwrap_or(0);
        (bars, end.max(column + 1))
    }

    fn draw(&self, lane: &mut String, bar: &Bar, end: usize, is_culprit: bool) {
        let label = self.label(bar.call);
        let from = bar.from.unwrap_or(0);
        lane.push_str(&" ".repeat(from.saturating_sub(lane.width())));
        let _ = write!(lane, "{} {label} ", if bar.from.is_some() { '├' } else { '…' });
        let to = bar.to.unwrap_or(end);
        lane.push_str(&"─".repeat(to.saturating_sub(lane.width())));
        if bar.to.is_some() {
            lane.push('┤');
        }
        if is_culprit {
            lane.push('!');
        }
    }

    /// A call's label as of the answer that refutes the history.
    fn label(&self, id: CallId) -> String {
        let call = self.history.call(id);
        let words = self.model.words(&call.op, returned_before(call, self.refutation.prefix + 1));
        cut(&plain(&words), LABEL_COLUMNS)
    }
}

/// The result of a call, if it was answered within the first `events` events.
fn returned_before<M: Model>(call: &Call<M>, events: usize) -> Option<&M::Return> {
    call.answered.filter(|answered| answered.position < events).and_then(|_| call.returned())
}

/// The text with control characters escaped.
fn plain(text: &str) -> String {
    text.chars().flat_map(|char| if char.is_control() { char.escape_debug().collect() } else { vec![char] }).collect()
}

/// The text, truncated with `…` if it is too wide.
fn cut(text: &str, columns: usize) -> String {
    if text.width() <= columns {
        return text.to_owned();
    }
    let mut cut = String::new();
    for char in text.chars() {
        if cut.width() + 3 > columns {
            break;
        }
        cut.push(char);
    }
    cut + "…"
}
