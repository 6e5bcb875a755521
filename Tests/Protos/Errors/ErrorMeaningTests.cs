using System.Reflection;
using System.Text;
using ChunkOta.Protos;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Protos.Errors;

public sealed class ErrorMeaningTests
{
    private static readonly string[] Codes =
        [.. typeof(ErrorCodes).GetFields(BindingFlags.Public | BindingFlags.Static).Select(
            field => (string)field.GetRawConstantValue()!)];

    [Fact]
    public void Every_code_has_its_facts_once_in_the_same_order() =>
        Assert.Equal(Codes, ErrorMeaning.All.Select(meaning => meaning.Code));

    [Fact]
    public void A_code_is_spelled_as_its_name_is()
    {
        foreach (var field in typeof(ErrorCodes).GetFields(BindingFlags.Public | BindingFlags.Static))
        {
            var words = ((string)field.GetRawConstantValue()!).Split('_');
            Assert.Equal(field.Name, string.Concat(words.Select(word => word[..1] + word[1..].ToLowerInvariant())));
        }
    }

    [Fact]
    public void No_failure_exits_as_if_all_were_fine()
    {
        int[] codes =
        [
            ExitCodes.Internal, ExitCodes.Usage, ExitCodes.Expired, ExitCodes.Refused, ExitCodes.NotAllowed,
            ExitCodes.Unknown, ExitCodes.Conflict, ExitCodes.Server, ExitCodes.Local, ExitCodes.NotAsInstalled,
            ExitCodes.OverLimit, ExitCodes.Unhealthy, ExitCodes.Interrupted,
        ];

        Assert.All(ErrorMeaning.All, meaning => Assert.Contains(meaning.ExitCode, codes));
        Assert.All(ErrorMeaning.All, meaning => Assert.NotEqual(Grpc.Core.StatusCode.OK, meaning.Status));
    }

    [Theory]
    [InlineData("SIG_INVALID", 4)]
    [InlineData("ROLLBACK", 4)]
    [InlineData("CHUNK_HASH", 4)]
    [InlineData("EXPIRED", 3)]
    [InlineData("PATH_COLLISION", 2)]
    [InlineData("LINK_ESCAPE", 2)]
    [InlineData("TOKEN_EXPIRED", 5)]
    [InlineData("PLAINTEXT_REFUSED", 5)]
    [InlineData("PRODUCT_UNKNOWN", 6)]
    [InlineData("NOTHING_TO_REVERT", 6)]
    [InlineData("VERSION_TAKEN", 7)]
    [InlineData("VERSION_NOT_GREATER", 7)]
    [InlineData("BUSY", 7)]
    [InlineData("SERVER_UNAVAILABLE", 8)]
    [InlineData("CHUNK_MISSING", 8)]
    [InlineData("DISK_FULL", 9)]
    [InlineData("NOT_AS_INSTALLED", 10)]
    [InlineData("FORECAST_EXCEEDED", 11)]
    [InlineData("INTERNAL", 1)]
    [InlineData("INTERRUPTED", 130)]
    [InlineData("SOMETHING_NEWER", 1)]
    public void Exit_codes_are_what_scripts_rely_on(string code, int exitCode) =>
        Assert.Equal(exitCode, ExitCodes.Of(code));

    [Fact]
    public void No_attack_is_worth_trying_again_unless_another_source_may_have_the_true_bytes() =>
        Assert.Equal(
            ["CHUNK_HASH", "TOO_SLOW"],
            ErrorMeaning.All.Where(meaning => meaning is { Attack: not null, IsRetryable: true })
                .Select(meaning => meaning.Code));

    [Fact]
    public void A_report_is_one_JSON_object_that_can_be_read_back()
    {
        var report = ErrorReport.Of(new ChunkOtaException("ROLLBACK", "the pointer \"ä\" is\nolder"), "check");

        var json = report.ToJson();

        Assert.Equal(
            """{"error":{"code":"ROLLBACK","message":"the pointer \"ä\" is\\u{a}older","attack":"rollback","""
            + """ "phase":"check","retryable":false,"hint":null,"cause":"verify"}}""".TrimStart(),
            json);
        Assert.Equal(report, ErrorReport.FromJson(Encoding.UTF8.GetBytes(json)));
        Assert.Null(ErrorReport.FromJson("{"u8));
        Assert.Null(ErrorReport.FromJson("[]"u8));
    }

    [Fact]
    public void The_documentation_lists_every_code()
    {
        var table = new StringBuilder();
        var meanings = XmlDocumentation.SummariesOf(typeof(ErrorCodes));
        foreach (var meaning in ErrorMeaning.All)
            table.Append(
                $"| `{meaning.Code}` | {meaning.ExitCode} | {meaning.Attack ?? ""} "
                + $"| {(meaning.IsRetryable ? "yes" : "")} "
                + $"| {meanings[meaning.Code]}{(meaning.Hint is null ? "" : $" *{meaning.Hint}*")} |\n");

        Golden.EqualSection("docs/errors.md", "codes", table.ToString());
    }
}
