-- +goose Up
-- What was finished in a span of days, by the body that decided it and by the counter that took it
-- in. A filing touches neither index: they hold only what has a result.
CREATE INDEX dossier_finished ON services.dossier (competent_agency, finished_at DESC, id DESC) WHERE finished_at IS NOT NULL;
CREATE INDEX dossier_received_finished ON services.dossier (receiving_agency, finished_at DESC, id DESC) WHERE finished_at IS NOT NULL;

-- +goose Down
DROP INDEX services.dossier_finished, services.dossier_received_finished;
