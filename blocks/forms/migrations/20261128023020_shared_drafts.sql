-- +goose Up
-- A draft may be a business's: who began it, who saved it last and on which machine.
ALTER TABLE forms.draft ADD COLUMN begun_by uuid, ADD COLUMN saved_by text NOT NULL DEFAULT '', ADD COLUMN device text NOT NULL DEFAULT '';
UPDATE forms.draft SET begun_by = owner;
ALTER TABLE forms.draft ALTER COLUMN begun_by SET NOT NULL;
CREATE UNIQUE INDEX draft_begun ON forms.draft (owner, begun_by, form, about);
DROP INDEX forms.draft_owner;

-- +goose Down
CREATE UNIQUE INDEX draft_owner ON forms.draft (owner, form, about);
DROP INDEX forms.draft_begun;
ALTER TABLE forms.draft DROP COLUMN begun_by, DROP COLUMN saved_by, DROP COLUMN device;
