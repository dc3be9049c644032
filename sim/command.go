package sim

import (
	"context"
	"io"
	"os/exec"
)

// VNeID is how the played VNeID is started.
type VNeID struct {
	Program    string // path of datmui-sim
	Listen     string // address and port: 127.0.0.1:8081
	Issuer     string // address people and the client see; "" means http://<Listen>
	Players    string // file written by SavePlayers
	Client     string // client id
	SecretFile string // file that holds the client's secret
	Redirect   string // the client's callback address
	SignedOut  string // where people may be sent after signing out; "" for the player's own page
}

// National is how the played National Public Service Portal is started.
type National struct {
	Program     string // path of datmui-sim
	Listen      string // address and port
	Client      string // id of the province there, and of the portal at the province
	SecretFile  string // secret of the province
	Province    string // where the province hears states
	InboundFile string // secret of the portal at the province
}

// Command is the player as a child process, as with VNeID.
func (n National) Command(ctx context.Context) (*exec.Cmd, io.Closer, error) {
	cmd := exec.CommandContext(ctx, n.Program, "national", "--with-parent", "--listen", n.Listen, "--client", n.Client,
		"--secret-file", n.SecretFile, "--province", n.Province, "--inbound-file", n.InboundFile)
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, nil, err
	}
	return cmd, in, nil
}

// Command is the player as a child process that ends when the parent closes the returned end of
// its standard input, or dies in whatever way: a killed parent leaves no stray player.
func (v VNeID) Command(ctx context.Context) (*exec.Cmd, io.Closer, error) {
	args := []string{"vneid", "--with-parent", "--listen", v.Listen, "--players", v.Players,
		"--client", v.Client, "--secret-file", v.SecretFile, "--redirect", v.Redirect}
	if v.Issuer != "" {
		args = append(args, "--issuer", v.Issuer)
	}
	if v.SignedOut != "" {
		args = append(args, "--signed-out", v.SignedOut)
	}
	cmd := exec.CommandContext(ctx, v.Program, args...)
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, nil, err
	}
	return cmd, in, nil
}
