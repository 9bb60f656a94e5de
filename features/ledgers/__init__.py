"""Foreign exports become raw tables through a mapping; refused rows stand beside."""
