#!/usr/bin/env python3
"""Writes Protos/Contract/Text/UnicodeTables.*.cs from the Unicode Character Database (Debian package unicode-data).

The tables are carried, because a build without globalization data normalizes nothing and because publisher, server
and agent must agree on what collides, whatever their runtimes know.
"""
import pathlib

UCD = pathlib.Path("/usr/share/unicode")
OUT = pathlib.Path(__file__).resolve().parents[2] / "Protos/Contract/Text"
VERSION = (UCD / "CaseFolding.txt").read_text("utf-8").split("\n")[0].split("-")[1].removesuffix(".txt")


def records(name):
    for line in (UCD / name).read_text("utf-8").splitlines():
        line = line.split("#")[0].strip()
        if line:
            yield [field.strip() for field in line.split(";")]


def span(code_range):
    first, _, last = code_range.partition("..")
    return range(int(first, 16), int(last or first, 16) + 1)


classes, decompositions = {}, {}
for fields in records("UnicodeData.txt"):
    code = int(fields[0], 16)
    if int(fields[3]):
        classes[code] = int(fields[3])
    if fields[5] and not fields[5].startswith("<"):
        decompositions[code] = [int(part, 16) for part in fields[5].split()]

excluded = {code for fields in records("DerivedNormalizationProps.txt") if fields[1] == "Full_Composition_Exclusion"
            for code in span(fields[0])}
folds = {int(fields[0], 16): [int(part, 16) for part in fields[2].split()]
         for fields in records("CaseFolding.txt") if fields[1] in "CF"}
ignorable = sorted(code for fields in records("DerivedCoreProperties.txt")
                   if fields[1] == "Default_Ignorable_Code_Point" for code in span(fields[0]))


def ranges(codes):
    found = []
    for code in codes:
        if found and found[-1][1] == code - 1:
            found[-1][1] = code
        else:
            found.append([code, code])
    return found


def class_ranges():
    found = []
    for code in sorted(classes):
        if found and found[-1][1] == code - 1 and found[-1][2] == classes[code]:
            found[-1][1] = code
        else:
            found.append([code, code, classes[code]])
    return found


def table(name, summary, numbers):
    lines, line = [], "       "
    for number in numbers:
        text = f" {number:#x}," if number > 9 else f" {number},"
        if len(line) + len(text) > 120:
            lines.append(line)
            line = "       "
        line += text
    lines.append(line)
    return (f"    /// <summary>{summary}</summary>\n    public static ReadOnlySpan<uint> {name} =>\n    [\n"
            + "\n".join(lines) + "\n    ];\n")


def write(part, body):
    head = (f"// Made by eng/unicode/make-tables.py from the Unicode Character Database {VERSION}; not edited by hand.\n"
            "namespace ChunkOta.Protos;\n\ninternal static partial class UnicodeTables\n{\n")
    (OUT / f"UnicodeTables.{part}.cs").write_text(head + body + "}\n", "utf-8")


def flat(rows):
    return [number for row in rows for number in row]


write("Decomposition", table(
    "Decompositions",
    "Canonical decompositions, one step: code (top bit set when never composed again), first, second or 0; sorted.",
    flat([code | (0x80000000 if code in excluded else 0), *(parts + [0])[:2]]
         for code, parts in sorted(decompositions.items()))))
write("CombiningClass", table(
    "CombiningClasses", "Canonical combining classes other than 0: first, last, class; sorted.", flat(class_ranges())))
write("CaseFolding", table(
    "CaseFolds", "Full case folding: code, then its one to three characters, 0 where fewer; sorted.",
    flat([code, *(parts + [0, 0])[:3]] for code, parts in sorted(folds.items())))
    + "\n" + table("Ignorables", "Characters that are shown as nothing: first, last; sorted.",
                   flat(ranges(ignorable))))
