using ChunkOta.Protos;

namespace ChunkOta.Agent.Cli;

/// <summary>The words of stages and causes for people: without the underscores of JSON.</summary>
internal static class Words
{
    /// <summary>Returns the word of a stage.</summary>
    public static string Of(UpdateStage stage) => stage.ToWord().Replace('_', ' ');

    /// <summary>Returns the word of a cause.</summary>
    public static string Of(FailureCause cause) => Of(cause.ToWord());

    /// <summary>Returns a word of JSON.</summary>
    public static string Of(string word) => OneLine.Of(word.Replace('_', ' '));
}
