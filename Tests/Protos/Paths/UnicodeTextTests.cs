using System.Globalization;
using System.Text;
using ChunkOta.Protos;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Protos.Paths;

public sealed class UnicodeTextTests
{

    [Fact]
    public void These_tests_run_where_the_runtime_normalizes_nothing() =>
        Assert.Equal("e\u0301", "e\u0301".Normalize(NormalizationForm.FormC));

    [Fact]
    public void The_vectors_of_the_Unicode_Consortium_are_normalized()
    {
        var count = 0;
        foreach (var line in File.ReadLines(Repository.PathOf("Tests/Vectors/unicode-normalization.txt")))
        {
            if (line.StartsWith('#'))
                continue;
            var columns = line.Split(';').Select(Text).ToArray();
            var (source, composed, decomposed) = (columns[0], columns[1], columns[2]);
            foreach (var form in columns)
            {
                Assert.Equal(decomposed, Text(UnicodeText.Decompose(form)));
                Assert.Equal(composed, UnicodeText.Compose(UnicodeText.Decompose(form)));
                Assert.True(UnicodeText.IsComposed(form) == (form == composed), line);
            }
            Assert.Equal(UnicodeText.CollisionKey(source), UnicodeText.CollisionKey(decomposed));
            Assert.Equal(UnicodeText.CollisionKey(source), UnicodeText.CollisionKey(composed));
            count++;
        }

        Assert.True(count > 1_500, $"{count} vectors");
    }

    [Fact]
    public void Hangul_is_composed_by_arithmetic()
    {
        for (var syllable = 0xAC00; syllable <= 0xD7A3; syllable++)
        {
            var text = ((char)syllable).ToString();
            var jamo = UnicodeText.Decompose(text);
            Assert.InRange(jamo.Count, 2, 3);
            Assert.Equal(text, UnicodeText.Compose(jamo));
            Assert.False(UnicodeText.IsComposed(Text(jamo)));
        }
    }

    // The runtime's own case mapping is another implementation: what it maps to each other must collide here.
    [Fact]
    public void Whatever_the_runtime_calls_another_case_collides()
    {
        var apart = new List<string>();
        for (var code = 0; code <= 0x10ffff; code++)
        {
            if (!Rune.IsValid(code) || IsCasedSinceUnicode16(code))
                continue;
            var rune = new Rune(code);
            foreach (var other in new[] { Rune.ToLowerInvariant(rune), Rune.ToUpperInvariant(rune) })
                if (other != rune
                    && UnicodeText.CollisionKey(other.ToString()) != UnicodeText.CollisionKey(rune.ToString()))
                    apart.Add($"{code:x}");
        }

        Assert.Empty(apart);
    }

    /// <summary>Letters that got another case in Unicode 16, which the runtime knows and the tables do not.</summary>
    private static bool IsCasedSinceUnicode16(int code) => code is 0x19b or 0x264 or 0x1c89 or 0x1c8a
        or (>= 0xa7cb and <= 0xa7cd) or (>= 0xa7da and <= 0xa7dc) or (>= 0x10d50 and <= 0x10d85);

    [Theory]
    [InlineData("Straße", "STRASSE")]
    [InlineData("Ärger", "a\u0308rger")]
    [InlineData("ſtart", "Start")]
    [InlineData("İstanbul", "istanbul")]
    [InlineData("ısı", "ISI")]
    [InlineData("\u212Aelvin", "kelvin")]
    [InlineData("ΣΊΣΥΦΟΣ", "σίσυφος")]
    [InlineData("ﬃ", "FFI")]
    [InlineData("a\u0323\u0307", "A\u0307\u0323")]
    public void Names_that_some_file_system_takes_for_one_have_one_key(string left, string right) =>
        Assert.Equal(UnicodeText.CollisionKey(left), UnicodeText.CollisionKey(right));

    [Theory]
    [InlineData("a", "b")]
    [InlineData("a", "ä")]
    [InlineData("o", "ø")]
    [InlineData("a", "а")] // Cyrillic
    [InlineData("l", "I")]
    [InlineData("ss", "s")]
    [InlineData("д", "Л")]
    public void Names_that_no_file_system_takes_for_one_have_two(string left, string right) =>
        Assert.NotEqual(UnicodeText.CollisionKey(left), UnicodeText.CollisionKey(right));

    [Fact]
    [Trait("Category", "Random")]
    public void The_key_of_a_key_is_that_key_and_marks_are_ordered_whatever_comes()
    {
        var random = Rounds.Random(15);
        int[] codes = [0x41, 0x69, 0x49, 0x130, 0x131, 0xdf, 0x1e9e, 0x307, 0x308, 0x323, 0x345, 0x3b1, 0x1fb3, 0xac00,
            0x1100, 0x1161, 0x11a8, 0x1e0b, 0x10400, 0xfe0f, 0x0958, 0xf900];
        for (var round = 0; round < Rounds.Of(20_000); round++)
        {
            var text = Text(Enumerable.Range(0, random.Next(1, 9)).Select(_ => codes[random.Next(codes.Length)]));
            var key = UnicodeText.CollisionKey(text);
            var composed = UnicodeText.Compose(UnicodeText.Decompose(text));
            Assert.Equal(key, UnicodeText.CollisionKey(key));
            Assert.Equal(key, UnicodeText.CollisionKey(composed));
            Assert.True(UnicodeText.IsComposed(composed));
            Assert.Equal(Text(UnicodeText.Decompose(text)), Text(UnicodeText.Decompose(composed)));
        }
    }

    [Fact]
    public void The_key_of_a_plain_name_is_the_name_itself_and_takes_no_memory()
    {
        const string Name = "libcoreclr.so";

        Assert.Same(Name, UnicodeText.CollisionKey(Name));
    }

    private static string Text(string codes) =>
        Text(codes.Split(' ').Select(code => int.Parse(code, NumberStyles.HexNumber, CultureInfo.InvariantCulture)));

    private static string Text(IEnumerable<int> codes) =>
        string.Concat(codes.Select(code => new Rune(code).ToString()));
}
