package silence

import "datmui/apps/services"

// place is where a dossier may be, and what must hold there.
type place struct {
	state services.State
	step  string
	body  string // whose desk it lies on: receiving or competent; before: that of the part it waits for
	due   string // which time it hangs on: answer, promise, or that of the desk alone
	mend  string // what the citizen must have in hand: request or bill; "" nothing
}

// The places of an open dossier. One that is anywhere else is a finding: whoever adds a step to the
// one-stop shop says here on whose desk it lies and until when.
// law: public-services.md 6.1, 6.2 — states and clocks; 8.2 — the answer within eight working hours.
var places = []place{
	{services.Registered, services.StepIntake, receiving, "answer", ""},
	{services.Registered, services.StepWaits, before, "", ""},
	{services.Accepted, services.StepAssign, competent, "promise", ""},
	{services.Processing, services.StepHandle, competent, "promise", ""},
	{services.Processing, services.StepApprove, competent, "promise", ""},
	{services.Processing, services.StepSign, competent, "promise", ""},
	{services.Processing, services.StepNumber, competent, "promise", ""},
	{services.AwaitingSupplement, services.StepCitizen, either, "", "request"},
	{services.AwaitingPayment, services.StepCitizen, either, "", "bill"},
	{services.Finished, services.StepReturn, receiving, "", ""},
	{services.Finished, services.StepPost, receiving, "", ""}, // with the carrier: the counter asks where it is
}

const (
	receiving = "receiving"
	competent = "competent"
	before    = "before" // it lies on no desk of its own
	either    = "either" // while the citizen must act it stays with the body that asked
)

// Rule is one sentence of what must hold.
type Rule string

const (
	RulePlace   Rule = "place"   // a state and step of the table above
	RuleDesk    Rule = "desk"    // it lies on a desk of the right body, for the step it is in
	RuleDue     Rule = "due"     // the desk has a due time, and so has the dossier where the law gives it one
	RuleClock   Rule = "clock"   // its clock runs unless the citizen must act
	RuleMend    Rule = "mend"    // what the citizen must supply is said, each item with how and until when; what she must pay is billed, with its last day
	RulePassed  Rule = "passed"  // the last day of a supplement or a payment has not passed unnoticed
	RuleStaffed Rule = "staffed" // at each desk sits somebody who may
	RuleLinked  Rule = "linked"  // what waits for another dossier of its set waits for one that is still under way
	RuleEnded   Rule = "ended"   // an ended dossier lies on no desk; a refused or stopped one has its reason
	RuleJobs    Rule = "jobs"    // no job of the house has died and was left
)

// Rules are all, in the order of the page.
var Rules = []Rule{RulePlace, RuleDesk, RuleDue, RuleClock, RuleMend, RulePassed, RuleStaffed, RuleLinked, RuleEnded, RuleJobs}

// openSQL looks at all open dossiers that one body decides, along the index of its states, and gives
// how many there are and which break what.
const openSQL = `WITH place AS (
	SELECT * FROM unnest(@states::smallint[], @steps::text[], @bodies::text[], @dues::text[], @mends::text[]) AS p (state, step, body, due, mend)
), checked AS (
	SELECT d.id, d.code, d.competent_agency, d.state, array_remove(ARRAY[
		CASE WHEN p.state IS NULL THEN 'place' END,
		CASE WHEN p.body = 'before' THEN NULL WHEN i.id IS NULL OR i.step <> d.step
			OR NOT (coalesce(p.body, 'either') <> 'competent' AND i.agency = d.receiving_agency OR coalesce(p.body, 'either') <> 'receiving' AND i.agency = d.competent_agency)
			THEN 'desk' END,
		CASE WHEN i.id IS NOT NULL AND i.due_at IS NULL OR p.due = 'answer' AND d.answer_due IS NULL OR p.due = 'promise' AND d.due_at IS NULL THEN 'due' END,
		CASE WHEN d.paused_at IS NOT NULL AND d.state IN (1, 2, 4) THEN 'clock' END,
		CASE WHEN p.mend = 'request' AND (r.id IS NULL OR r.supply_by IS NULL OR jsonb_array_length(r.items) = 0
			OR EXISTS (SELECT FROM jsonb_array_elements(r.items) x WHERE coalesce(btrim(x->>'how'), '') = ''))
			OR p.mend = 'bill' AND (b.id IS NULL OR t.n IS NULL) THEN 'mend' END,
		CASE WHEN p.mend = 'request' AND r.supply_by < @passed OR p.mend = 'bill' AND t.pay_by < @passed AND t.lapsed_at IS NULL THEN 'passed' END,
		CASE WHEN p.body = 'before' AND w.id IS NULL THEN 'linked' END], NULL) AS broken
	FROM services.dossier d
	LEFT JOIN place p ON p.state = d.state AND p.step = d.step
	LEFT JOIN worklist.item i ON i.subject = d.id AND i.kind = 'services.dossier' AND i.slot = '' AND i.done_at IS NULL
	LEFT JOIN LATERAL (SELECT q.id, q.supply_by, q.items FROM services.request q
		WHERE d.state = 5 AND q.dossier_id = d.id AND q.answered_at IS NULL AND q.state = 'asked' ORDER BY q.asked_at DESC LIMIT 1) r ON true
	LEFT JOIN LATERAL (SELECT m.id FROM pay.bill m
		WHERE d.state = 6 AND m.subject_id = d.id AND m.state IN ('pending', 'flagged') LIMIT 1) b ON true
	LEFT JOIN LATERAL (SELECT y.n, y.pay_by, y.lapsed_at FROM services.payment_term y
		WHERE d.state = 6 AND y.dossier_id = d.id AND y.n = d.moves AND y.ended_at IS NULL LIMIT 1) t ON true
	LEFT JOIN LATERAL (SELECT x.id FROM services.linked_part l JOIN services.linked_part y ON y.set_id = l.set_id AND y.n = ANY(l.after)
		JOIN services.dossier x ON x.id = y.dossier_id
		WHERE d.step = 'waits' AND l.dossier_id = d.id AND (x.state = ANY(@open) AND (x.finished_at IS NULL OR x.outcome <> 'granted') OR x.updated_at > @passed) LIMIT 1) w ON true
	WHERE d.competent_agency = @body AND d.state = ANY(@open)
)
SELECT count(*)::int AS checked, (count(*) FILTER (WHERE state IN (5, 6)))::int AS waiting,
	coalesce(jsonb_agg(jsonb_build_object('dossier', id, 'code', code, 'agency', competent_agency, 'broken', broken)) FILTER (WHERE cardinality(broken) > 0), '[]') AS found
FROM checked`

// endedSQL looks at what one body refused or stopped of the filings of the last ninety days.
const endedSQL = `SELECT count(*)::int AS checked, 0 AS waiting, coalesce(jsonb_agg(jsonb_build_object('dossier', d.id, 'code', d.code, 'agency', d.competent_agency, 'broken', '{ended}'::text[]))
		FILTER (WHERE btrim(m.note || m.basis || d.basis) = ''), '[]') AS found
	FROM services.dossier d LEFT JOIN services.move m ON m.dossier_id = d.id AND m.n = d.moves
	WHERE d.competent_agency = @body AND d.state IN (3, 8) AND d.filed_at > @since`

// ghostSQL finds what still lies on one body's desks though nothing is to be done any more.
const ghostSQL = `SELECT count(*)::int AS checked, 0 AS waiting, coalesce(jsonb_agg(jsonb_build_object('dossier', i.subject, 'code', i.code, 'agency', i.agency, 'broken', '{ended}'::text[]))
		FILTER (WHERE d.id IS NULL), '[]') AS found
	FROM worklist.item i LEFT JOIN services.dossier d ON d.id = i.subject AND d.state = ANY(@open)
	WHERE i.agency = @body AND i.kind = 'services.dossier' AND i.done_at IS NULL`

// bodiesSQL walks from body to body along the index, however many dossiers each has.
const bodiesSQL = `WITH RECURSIVE body AS (
	(SELECT competent_agency AS id FROM services.dossier ORDER BY competent_agency LIMIT 1)
	UNION ALL
	SELECT (SELECT d.competent_agency FROM services.dossier d WHERE d.competent_agency > body.id ORDER BY d.competent_agency LIMIT 1) FROM body WHERE body.id IS NOT NULL
) SELECT id FROM body WHERE id IS NOT NULL`

// desksSQL lists every desk on which a dossier lies, with one of them.
const desksSQL = `SELECT agency, person, right_key AS "right", count(*)::int AS open, (array_agg(subject ORDER BY due_at))[1:20] AS some, (array_agg(code ORDER BY due_at))[1:20] AS codes
	FROM worklist.item WHERE kind = 'services.dossier' AND done_at IS NULL GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`

// jobsSQL finds jobs that were given up and whose work nobody has done since they were begun: one that
// was killed is only given up long after the next of its kind has run.
const jobsSQL = `SELECT j.kind, count(*)::int AS n, min(coalesce(j.finalized_at, j.created_at)) AS since FROM river_job j
	WHERE j.state IN ('discarded', 'cancelled')
	AND NOT EXISTS (SELECT FROM river_job l WHERE l.kind = j.kind AND l.args = j.args AND l.state = 'completed' AND l.finalized_at >= coalesce(j.attempted_at, j.created_at))
	AND NOT (j.kind = 'services.make-paper' AND EXISTS (SELECT FROM services.outgoing o WHERE o.id = (j.args->>'outgoing')::uuid AND o.state <> 'waiting'))
	GROUP BY j.kind ORDER BY j.kind`
