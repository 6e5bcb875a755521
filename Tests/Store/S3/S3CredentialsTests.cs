using ChunkOta.Storage.S3;

namespace ChunkOta.Tests.Store.S3;

public sealed class S3CredentialsTests
{
    [Fact]
    public void The_first_profile_of_a_file_is_read()
    {
        var credentials = S3Credentials.TryParse(
            """
            # made by the operator
            [default]
            aws_access_key_id = KEY
            aws_secret_access_key=SEC=RET

            [other]
            aws_access_key_id = OTHER
            """);

        Assert.Equal(new S3Credentials("KEY", "SEC=RET", null), credentials);
    }

    [Fact]
    public void Temporary_credentials_have_a_token() => Assert.Equal(
        new S3Credentials("K", "S", "T"),
        S3Credentials.TryParse("aws_access_key_id=K\naws_secret_access_key=S\r\naws_session_token = T\n"));

    [Theory]
    [InlineData("")]
    [InlineData("[default]\naws_access_key_id = KEY\n")]
    [InlineData("aws_access_key_id =\naws_secret_access_key = S\n")]
    [InlineData("KEY:SECRET")]
    public void A_file_without_both_is_refused(string text) => Assert.Null(S3Credentials.TryParse(text));

    [Fact]
    public void Printed_credentials_keep_the_secret() =>
        Assert.Equal("KEY", new S3Credentials("KEY", "SECRET", null).ToString());
}
