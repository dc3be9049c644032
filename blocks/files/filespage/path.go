package filespage

import (
	"strconv"

	"github.com/google/uuid"
)

// PathFile downloads a file.
func PathFile(id uuid.UUID) string { return "/files/" + id.String() }

// PathThumb shows a small picture of it.
func PathThumb(id uuid.UUID) string { return PathFile(id) + "/thumb" }

// PathPage shows a page of it, from 1, as a picture.
func PathPage(id uuid.UUID, page int) string { return PathFile(id) + "/pages/" + strconv.Itoa(page) }
