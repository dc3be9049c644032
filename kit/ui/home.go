package ui

// LifeEvent is a group of services by what happens in a life: "Sinh con, nuôi con nhỏ".
type LifeEvent struct{ Icon, Title, Href, More string }
