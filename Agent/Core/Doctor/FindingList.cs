using ChunkOta.Protos;

namespace ChunkOta.Agent;

/// <summary>Collects findings; a check that fails is a finding itself.</summary>
/// <param name="known">The findings to begin with.</param>
internal sealed class FindingList(IReadOnlyList<DoctorFinding> known)
{
    private readonly List<DoctorFinding> _all = [.. known];

    /// <summary>The findings so far.</summary>
    public IReadOnlyList<DoctorFinding> All => _all;

    /// <summary>The product that the next findings are about; null for the whole home.</summary>
    public string? Product { get; set; }

    /// <summary>Adds a finding that needs nothing.</summary>
    public void Ok(string name, string text) => Add(new DoctorFinding(name, FindingLevel.Ok, text));

    /// <summary>Adds a warning.</summary>
    public void Warn(string name, string text, string? fix) =>
        Add(new DoctorFinding(name, FindingLevel.Warning, text) { Fix = fix });

    /// <summary>Adds an error.</summary>
    /// <param name="name">The thing.</param>
    /// <param name="code">The error code, which gives the exit code.</param>
    /// <param name="text">What was found.</param>
    /// <param name="fix">What to do; null for the hint of the code.</param>
    public void Fail(string name, string code, string text, string? fix = null) =>
        Add(new DoctorFinding(name, FindingLevel.Error, text)
        {
            Code = code,
            Fix = fix ?? ErrorMeaning.Of(code).Hint,
        });

    /// <summary>Adds something that was put right.</summary>
    public void Fixed(string name, string text) =>
        Add(new DoctorFinding(name, FindingLevel.Ok, text) { IsFixed = true });

    /// <summary>Makes a check; a failure of it becomes an error.</summary>
    public void Try(string name, Action check)
    {
        try
        {
            check();
        }
        catch (ChunkOtaException e)
        {
            Fail(name, e.Code, e.Message, e.Hint);
        }
    }

    private void Add(DoctorFinding finding) =>
        _all.Add(finding with { Product = Product, Text = OneLine.Of(finding.Text) });
}
