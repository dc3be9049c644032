// Package demo makes the demonstration province: real units and bodies with their real mergers,
// and synthetic people, all as raw records from which every figure is computed.
//
// It lives on the as-of day and remembers: 101 communes, nine districts and 1,146 bodies with
// 11,000 officials in October 2023; 100 communes from 1 December 2024; 64 communes, no district
// and 1,138 bodies from 1 July 2025, with people going on in the successors. The same seed and
// as-of day give the same rows. data/README.md says where the facts come from and how sure they are.
package demo
