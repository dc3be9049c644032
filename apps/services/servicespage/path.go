package servicespage

import "github.com/google/uuid"

// PathStart is the start page of a procedure.
func PathStart(code string) string { return "/services/" + code }

// PathApply is a step of filing: q/<page>, where, papers or check.
func PathApply(draft uuid.UUID, step string) string { return "/apply/" + draft.String() + "/" + step }

// PathDossier is the citizen's page of a dossier.
func PathDossier(id uuid.UUID) string { return "/dossiers/" + id.String() }

// PathDesk is the official's page of a dossier.
func PathDesk(id uuid.UUID) string { return "/desk/dossiers/" + id.String() }

// PathList is the office's list; its filters stand in the address.
const PathList = "/desk/dossiers"

// PathFile is the download of a file.
func PathFile(id uuid.UUID) string { return "/files/" + id.String() }

// PathRated says to anybody how content people are.
const PathRated = "/satisfaction"
